"""The protocol graphql-transport-ws, as its clients see it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.identity import MemoryIdentity
from thestack.adapters.memory.sockets import MemorySockets
from thestack.adapters.memory.store import MemoryStore
from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.ports import Claims
from thestack.runtime.connections import MOST_CONNECTIONS, MOST_SUBSCRIPTIONS, Connections
from thestack.runtime.scope import Identified
from thestack.runtime.transport import LONGEST_MESSAGE, Transport
from thestack.testing.harness import BEGIN, Harness

HERE = Path(__file__).parent
INIT = {"type": "connection_init"}
HEADLINE = {"query": "subscription { headline }"}
MADE = {"query": "subscription { offerMade { id } }"}

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="session")
def identity() -> MemoryIdentity:
    return MemoryIdentity()


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    loaded = load(HERE / "trading.py", HERE)
    assert loaded.model, loaded.diagnostics
    return loaded.model


class Server:
    """The server's side in memory, with the subscriptions of one service."""

    def __init__(self, model: ServiceModel, identity: MemoryIdentity, tenant: str | None) -> None:
        self.trading = Harness(model)["trading"]
        self.identity, self.clock, self.sockets = identity, FixedClock(BEGIN), MemorySockets()
        self.connections = Connections(MemoryStore(), self.clock)
        self.transport = Transport(self.connections, self.sockets, identity, self.check, tenant)

    async def check(
        self, field: str, request: Mapping[str, Any], caller: Identified | None
    ) -> tuple[str, list[dict[str, Any]]]:
        return self.trading.subscriptions.check(request, caller)

    async def connect(self, name: str = "c", **payload: Any) -> str:
        await self.transport.connected(name)
        await self.say({"type": "connection_init", "payload": payload}, name)
        return name

    async def sign_in(self, user: str, name: str = "c", **claims: Any) -> str:
        return await self.connect(name, Authorization=f"Bearer {self.identity.issue(user, **claims)}")

    async def say(self, message: dict[str, Any] | str, name: str = "c") -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.transport.said(name, text)

    def heard(self, name: str = "c") -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.sockets.posted[name]]

    async def subscribed(self, field: str, tenant: str = "main") -> list[str]:
        return [each.id async for each in self.connections.subscribers(tenant, f"trading.{field}")]


@pytest.fixture
def server(model: ServiceModel, identity: MemoryIdentity) -> Server:
    return Server(model, identity, "main")


async def test_who_says_who_they_are_is_acknowledged_and_may_subscribe(server: Server) -> None:
    await server.sign_in("alice")
    await server.say({"type": "subscribe", "id": "1", "payload": MADE})
    assert server.heard() == [{"type": "connection_ack"}]
    assert await server.subscribed("offerMade") == ["1"]


async def test_anonymous_clients_hear_what_is_public_and_nothing_else(server: Server) -> None:
    await server.connect()
    await server.say({"type": "subscribe", "id": "1", "payload": HEADLINE})
    await server.say({"type": "subscribe", "id": "2", "payload": MADE})
    assert await server.subscribed("headline") == ["1"]
    assert await server.subscribed("offerMade") == []
    _, refused = server.heard()
    assert (refused["type"], refused["id"]) == ("error", "2")
    assert refused["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert server.sockets.closed == {}


async def test_where_nobody_is_at_home_anonymous_clients_are_shown_out(
    model: ServiceModel, identity: MemoryIdentity
) -> None:
    server = Server(model, identity, None)
    await server.connect()
    assert server.sockets.closed["c"][0] == 4401


async def test_ping_is_answered_also_before_the_client_is_known(server: Server) -> None:
    await server.transport.connected("c")
    await server.say({"type": "ping"})
    await server.say({"type": "pong"})
    assert server.heard() == [{"type": "pong"}]


async def test_complete_ends_one_subscription(server: Server) -> None:
    await server.connect()
    for id in ("1", "2"):
        await server.say({"type": "subscribe", "id": id, "payload": HEADLINE})
    await server.say({"type": "complete", "id": "1"})
    await server.say({"type": "complete", "id": "never"})
    assert await server.subscribed("headline") == ["2"]
    await server.say({"type": "subscribe", "id": "1", "payload": HEADLINE})
    assert await server.subscribed("headline") == ["1", "2"]


async def test_a_connection_that_is_closed_leaves_nothing(server: Server) -> None:
    await server.connect()
    await server.say({"type": "subscribe", "id": "1", "payload": HEADLINE})
    await server.transport.disconnected("c")
    assert await server.subscribed("headline") == []
    assert await server.connections.find("c") is None


CLOSES: list[tuple[dict[str, Any] | str, int]] = [
    ("{", 4400),
    ("[]", 4400),
    ({"id": "1"}, 4400),
    ({"type": "shout"}, 4400),
    ({"type": "subscribe", "payload": HEADLINE}, 4400),
    ({"type": "subscribe", "id": "x" * 129, "payload": HEADLINE}, 4400),
    ({"type": "subscribe", "id": "1"}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {**HEADLINE, "variables": []}}, 4400),
    ({"type": "ping", "payload": {"text": "x" * LONGEST_MESSAGE}}, 4400),
    (INIT, 4429),
]


@pytest.mark.parametrize(("message", "code"), CLOSES)
async def test_what_breaks_the_protocol_closes_the_connection(
    server: Server, message: dict[str, Any] | str, code: int
) -> None:
    await server.connect()
    await server.say(message)
    assert server.sockets.closed["c"][0] == code
    assert await server.connections.find("c") is None


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic x", 7, ""])
async def test_a_wrong_token_closes_the_connection(server: Server, header: Any) -> None:
    await server.connect(authorization=header)
    assert server.sockets.closed["c"] == (4401, "Unauthorized")
    assert server.heard() == []


@pytest.mark.parametrize("message", [{"type": "subscribe", "id": "1", "payload": HEADLINE}])
async def test_nothing_is_subscribed_before_the_client_is_known(
    server: Server, message: dict[str, Any]
) -> None:
    await server.transport.connected("c")
    await server.say(message)
    assert server.sockets.closed["c"][0] == 4401


async def test_a_client_that_is_late_is_closed(server: Server) -> None:
    await server.transport.connected("c")
    server.clock.advance(timedelta(seconds=11))
    await server.say(INIT)
    assert server.sockets.closed["c"][0] == 4408


async def test_a_token_that_ended_subscribes_to_nothing_more(server: Server) -> None:
    token = server.identity.issue("alice")
    claims: Claims = await server.identity.verify(token)
    await server.connect(Authorization=f"Bearer {token}")
    connection = await server.connections.find("c")
    assert connection is not None
    assert connection.ends <= int(claims.expires.timestamp())
    server.clock.advance(timedelta(seconds=connection.ends) - timedelta(seconds=server.connections.now))
    await server.say({"type": "subscribe", "id": "1", "payload": HEADLINE})
    assert server.sockets.closed["c"][0] == 4401


async def test_the_same_id_twice_closes_the_connection(server: Server) -> None:
    await server.connect()
    for _ in range(2):
        await server.say({"type": "subscribe", "id": "1", "payload": HEADLINE})
    assert server.sockets.closed["c"] == (4409, "Subscriber for 1 already exists")
    assert await server.subscribed("headline") == []


async def test_subscriptions_of_a_connection_are_bounded(server: Server) -> None:
    await server.connect()
    for number in range(MOST_SUBSCRIPTIONS + 1):
        await server.say({"type": "subscribe", "id": str(number), "payload": HEADLINE})
    assert len(await server.subscribed("headline")) == MOST_SUBSCRIPTIONS
    assert server.heard()[-1]["payload"][0]["extensions"]["code"] == "TOO_MANY"


async def test_connections_of_a_user_are_bounded(server: Server) -> None:
    for number in range(MOST_CONNECTIONS):
        await server.sign_in("alice", f"a{number}")
    await server.sign_in("alice", "more")
    await server.sign_in("bob", "bob")
    assert server.sockets.closed == {"more": (4429, "Too many connections")}


async def test_a_query_is_refused_and_the_connection_stays(server: Server) -> None:
    await server.connect()
    for id, query in enumerate(('{ offer(id: "1") { id } }', "subscription {", "subscription { a b }")):
        await server.say({"type": "subscribe", "id": str(id), "payload": {"query": query}})
    codes = [each["payload"][0]["extensions"]["code"] for each in server.heard()[1:]]
    assert codes == ["BAD_REQUEST", "GRAPHQL_PARSE_FAILED", "BAD_REQUEST"]
    assert server.sockets.closed == {}


async def test_a_client_that_left_meanwhile_is_forgotten(server: Server) -> None:
    await server.connect()
    server.sockets.leave("c")
    await server.say({"type": "ping"})
    assert await server.connections.find("c") is None
