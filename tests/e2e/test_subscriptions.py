"""Subscriptions over the WebSocket: who is told, and who is shown out."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.e2e.conftest import PATIENCE, Client
from thestack.local.description import LocalStack

CREATE = "mutation ($i: CreateTodo!) { createTodo(input: $i) { id } }"
COMPLETE = "mutation ($id: ID!) { completeTodo(id: $id) { id } }"
DONE = {"query": "subscription { todoCompleted { id title status overdue } }"}
PROTOCOL = "graphql-transport-ws"

pytestmark = pytest.mark.asyncio


class Wire:
    """A client that speaks graphql-transport-ws. `heard` are messages but pings."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def say(self, type: str, **rest: Any) -> None:
        await self._socket.send_json({"type": type, **rest})

    async def hear(self, within: float = PATIENCE) -> dict[str, Any] | None:
        """The next message, or None where the connection is closed."""
        got = await self._socket.receive(timeout=within)
        message: dict[str, Any] | None = got.json() if got.type is aiohttp.WSMsgType.TEXT else None
        return message

    async def sign_in(self, client: Client) -> "Wire":
        assert client.user
        await self.say("connection_init", payload={"Authorization": f"Bearer {client.user.access_token}"})
        assert await self.hear() == {"type": "connection_ack"}
        return self


async def wire(http: aiohttp.ClientSession, stack: LocalStack) -> Wire:
    assert stack.subscriptions
    return Wire(await http.ws_connect(stack.subscriptions, protocols=[PROTOCOL]))


async def test_of_two_subscribers_the_right_one_is_told(
    stack: LocalStack, alice: Client, bob: Client
) -> None:
    async with aiohttp.ClientSession() as http:
        hers, his = [await (await wire(http, stack)).sign_in(each) for each in (alice, bob)]
        for each in (hers, his):
            await each.say("subscribe", id="done", payload=DONE)
            await each.say("ping")
            assert await each.hear() == {"type": "pong"}
        made = await asyncio.to_thread(alice.ask, CREATE, i={"title": "water the plants"})
        id = made["data"]["createTodo"]["id"]
        await asyncio.to_thread(alice.ask, COMPLETE, id=id)
        told = await hers.hear()
        assert told is not None
        assert (told["type"], told["id"]) == ("next", "done")
        todo = {"id": id, "title": "water the plants", "status": "DONE", "overdue": False}
        assert told["payload"]["data"] == {"todoCompleted": todo}
        assert told["payload"]["extensions"]["id"]
        with pytest.raises(TimeoutError):
            await his.hear(0.5)


async def test_a_wrong_token_is_told_why_and_closed(stack: LocalStack) -> None:
    async with aiohttp.ClientSession() as http:
        stranger = await wire(http, stack)
        await stranger.say("connection_init", payload={"Authorization": "Bearer nonsense"})
        said = await stranger.hear()
        assert said == {"type": "ping", "payload": {"close": {"code": 4401, "reason": "Unauthorized"}}}
        assert await stranger.hear() is None


async def test_nobody_subscribes_to_what_is_not_public(stack: LocalStack) -> None:
    async with aiohttp.ClientSession() as http:
        nobody = await wire(http, stack)
        await nobody.say("connection_init")
        assert await nobody.hear() == {"type": "connection_ack"}
        for number, query in enumerate((DONE["query"], "subscription { nothing }")):
            await nobody.say("subscribe", id=str(number), payload={"query": query})
        answers = [await nobody.hear(), await nobody.hear()]
        codes = {each["id"]: each["payload"][0]["extensions"]["code"] for each in answers if each}
        assert codes == {"0": "UNAUTHENTICATED", "1": "GRAPHQL_VALIDATION_FAILED"}


async def test_over_http_a_subscription_is_refused(alice: Client) -> None:
    answer = (await asyncio.to_thread(alice.post, DONE["query"])).json()
    assert "SUBSCRIPTION" in str(answer) or answer.get("errors"), answer
    assert "todoCompleted" not in (answer.get("data") or {})
