"""Who is told what, when something happens."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.runtime.connections import LASTS
from thestack.runtime.consume import Outcome
from thestack.testing.harness import ANONYMOUS, Harness, user

HERE = Path(__file__).parent
MAKE = "mutation ($id: ID!, $title: String!) { makeOffer(id: $id, title: $title) { id } }"
MADE = "subscription ($title: String) { offerMade(title: $title) { id title seller { id } } }"
HEADLINE = "subscription { headline }"

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    loaded = load(HERE / "trading.py", HERE)
    assert loaded.model, loaded.diagnostics
    return loaded.model


@pytest.fixture
def harness(model: ServiceModel) -> Harness:
    return Harness(model)


async def make(harness: Harness, name: str, id: str = "1", title: str = "lamp") -> None:
    answer = await harness["trading"].ask(MAKE, user(name), id=id, title=title)
    assert "errors" not in answer, answer
    await harness.settle()


async def test_a_subscriber_is_told_in_their_own_selection(harness: Harness) -> None:
    alice = await harness["trading"].subscribe(MADE, user("alice"))
    await make(harness, "alice")
    (told,) = alice.told
    assert told["data"] == {"offerMade": {"id": "1", "title": "lamp", "seller": {"id": "alice"}}}
    assert told["extensions"]["id"] == harness.attempts[-1].envelope.id


async def test_who_may_not_read_it_is_not_told(harness: Harness) -> None:
    trading = harness["trading"]
    bob, staff = await trading.subscribe(MADE, user("bob")), await trading.subscribe(MADE, user("s", "staff"))
    await make(harness, "alice")
    assert bob.told == []
    assert len(staff.told) == 1


async def test_another_tenant_hears_nothing(harness: Harness) -> None:
    other = await harness["trading"].subscribe(HEADLINE, user("alice", tenant="other"))
    await make(harness, "alice")
    assert other.told == []


async def test_none_tells_nothing(harness: Harness) -> None:
    lamps = await harness["trading"].subscribe(MADE, user("alice"), title="lamp")
    await make(harness, "alice", "1", "chair")
    await make(harness, "alice", "2", "lamp")
    assert [told["data"]["offerMade"]["id"] for told in lamps.told] == ["2"]


async def test_one_subscription_hears_several_events(harness: Harness) -> None:
    everybody = await harness["trading"].subscribe(HEADLINE, ANONYMOUS)
    await make(harness, "alice")
    await harness["trading"].ask('mutation { withdrawOffer(id: "1") { id } }', user("alice"))
    await harness.settle()
    heard = [told["data"]["headline"] for told in everybody.told]
    assert heard == ["OfferMade: lamp", "OfferGone: lamp"]


async def test_an_error_is_told_masked_and_hurts_nobody_else(harness: Harness) -> None:
    trading = harness["trading"]
    headline, made = (
        await trading.subscribe(HEADLINE, ANONYMOUS),
        await trading.subscribe(MADE, user("alice")),
    )
    await make(harness, "alice", title="broken")
    assert len(made.told) == 1
    (told,) = headline.told
    assert told["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in str(told)
    assert [str(each) for each in trading.reported] == ["a secret"]


async def test_who_left_is_forgotten_and_the_others_are_told(harness: Harness) -> None:
    trading = harness["trading"]
    gone, stays = await trading.subscribe(HEADLINE, ANONYMOUS), await trading.subscribe(HEADLINE, ANONYMOUS)
    trading.sockets.leave(gone.connection)
    await make(harness, "alice")
    assert harness.attempts[-1].outcome is Outcome.EFFECTED
    assert len(stays.told) == 1
    assert await trading.connections.find(gone.connection) is None
    assert await trading.connections.find(stays.connection) is not None


async def test_whose_time_is_over_is_shown_out(harness: Harness) -> None:
    trading = harness["trading"]
    late = await trading.subscribe(MADE, user("alice"))
    harness.clock.advance(LASTS + timedelta(seconds=1))
    await make(harness, "alice")
    assert late.told == []
    assert trading.sockets.closed[late.connection] == (4401, "Unauthorized")
    assert await trading.connections.find(late.connection) is None


async def test_more_subscribers_than_a_page_of_the_table_are_told(harness: Harness) -> None:
    trading = harness["trading"]
    many = [await trading.subscribe(HEADLINE, user(f"u{number}")) for number in range(230)]
    await make(harness, "alice")
    assert [len(each.told) for each in many] == [1] * 230


REFUSED: list[tuple[str, str | None, dict[str, Any], str]] = [
    ("subscription { audit }", "alice", {}, "FORBIDDEN"),
    (MADE, None, {}, "UNAUTHENTICATED"),
    (MADE, "alice", {"title": 1}, "BAD_USER_INPUT"),
    ("subscription { offerMade { seller { name } } }", "alice", {}, "GRAPHQL_VALIDATION_FAILED"),
    ("subscription { headline audit }", "alice", {}, "GRAPHQL_VALIDATION_FAILED"),
    ('query { offer(id: "1") { id } }', "alice", {}, "BAD_REQUEST"),
    ("subscription {", "alice", {}, "GRAPHQL_PARSE_FAILED"),
]


@pytest.mark.parametrize(("query", "name", "variables", "code"), REFUSED)
async def test_a_wrong_subscription_is_refused_when_it_is_made(
    harness: Harness, query: str, name: str | None, variables: dict[str, Any], code: str
) -> None:
    scope = user(name) if name else ANONYMOUS
    request = {"query": query, "variables": variables}
    _, errors = harness["trading"].subscriptions.check(request, scope.caller)
    assert [each["extensions"]["code"] for each in errors] == [code]


async def test_over_http_a_subscription_is_refused(harness: Harness) -> None:
    answer = await harness["trading"].ask(HEADLINE, user("alice"))
    assert answer["errors"][0]["extensions"]["code"] == "SUBSCRIPTION_NEEDS_WEBSOCKET"
