"""The harness keeps time: retries come when they are due, and no real time passes."""

import time
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

from services.analytics import service as analytics
from services.notifications import service as notifications
from services.todo import service as todo
from thestack.definition.model import ServiceModel
from thestack.definition.module import model_of
from thestack.ports import Envelope
from thestack.testing import BEGIN, Harness, Outcome, user

ALICE = user("alice")
DATA = {"to_user": "alice", "about": "t-1", "subject": "Done: milk", "text": "Well done."}


def request(id: str = "1") -> Envelope:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Envelope(id, "notifications/email", 1, "todo", "Todo#alice/t-1", moment, "main", DATA)


def seconds(harness: Harness) -> list[tuple[str, int, float]]:
    """Which message came at which attempt, how long after the beginning."""
    return [(each.envelope.id, each.number, (each.at - BEGIN).total_seconds()) for each in harness.attempts]


def joined(*services: ModuleType | ServiceModel) -> Harness:
    """Services, with the secret that notifications asks for."""
    harness = Harness(*services)
    harness["notifications"].secrets.keep("unsubscribe-key", "a key")
    return harness


@pytest.fixture
def harness() -> Harness:
    return joined(notifications)


async def test_a_retry_comes_when_its_backoff_is_over_and_no_real_time_passes(harness: Harness) -> None:
    harness.mailer.fail(ConnectionError("busy"), times=2)
    began = time.perf_counter()
    assert await harness.deliver(request()) == [Outcome.EFFECTED]
    assert time.perf_counter() - began < 1
    assert seconds(harness) == [("1", 1, 0), ("1", 2, 1), ("1", 3, 3)]
    assert [each.outcome for each in harness.attempts] == [Outcome.RETRY, Outcome.RETRY, Outcome.EFFECTED]
    assert [str(each.error) for each in harness.attempts] == ["busy", "busy", "None"]
    assert harness.clock.now() == BEGIN + timedelta(seconds=3)


async def test_what_fails_to_the_end_is_a_dead_letter_and_redriven_it_takes_effect_once(
    harness: Harness,
) -> None:
    harness.mailer.fail(ConnectionError("down"))
    assert await harness.deliver(request()) == [Outcome.PARKED]
    ((_, refusal),) = harness.dead_letters
    assert (refusal.handler, refusal.cause, refusal.attempts) == (
        "notifications.send_email",
        "ConnectionError",
        3,
    )
    harness.mailer.accept()
    assert await harness.redrive() == [Outcome.EFFECTED]
    assert (len(harness.mailer.sent), harness.dead_letters, await harness.redrive()) == (1, [], [])


async def test_deliveries_come_in_the_order_of_their_time() -> None:
    harness = joined(todo, notifications, model_of(analytics))
    created = await harness["todo"].ask('mutation { createTodo(input: {title: "x"}) { id } }', ALICE)
    id = created["data"]["createTodo"]["id"]
    await harness["todo"].ask("mutation ($id: ID!) { completeTodo(id: $id) { id } }", ALICE, id=id)
    harness.mailer.fail(ConnectionError("busy"), times=1)
    moved = await harness.settle()
    assert sorted(each.type for each in moved) == ["notifications/email", "todo.completed", "todo.created"]
    assert [each.at for each in harness.attempts] == sorted(each.at for each in harness.attempts)
    assert [each.outcome for each in harness.attempts[-2:]] != [Outcome.RETRY] * 2
    assert harness.attempts[-1].consumer == "notifications.send_email"
    assert harness.attempts[-1].number == 2
    assert await harness.settle() == []


async def test_what_a_consumer_says_is_heard_before_a_later_retry() -> None:
    """A retry that is due later waits for what moves now."""
    harness = joined(todo, notifications, analytics)
    harness.mailer.fail(ConnectionError("busy"), times=1)
    for title in ("a", "b"):
        created = await harness["todo"].ask(
            "mutation ($t: String!) { createTodo(input: {title: $t}) { id } }", ALICE, t=title
        )
        id = created["data"]["createTodo"]["id"]
        await harness["todo"].ask("mutation ($id: ID!) { completeTodo(id: $id) { id } }", ALICE, id=id)
    await harness.settle()
    late = [each for each in harness.attempts if each.at > BEGIN]
    assert [(each.consumer, each.number) for each in late] == [("notifications.send_email", 2)]
    assert len(harness.mailer.sent) == 2
