"""The harness does by its clock what EventBridge Scheduler does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.runtime.firing import firing
from thestack.testing import BEGIN, Harness, Outcome, user

HERE = Path(__file__).parent
ALICE = user("alice")
PLAN = "mutation ($id: ID!, $at: DateTime!) { plan(id: $id, startsAt: $at) { id } }"
NUDGE = "mutation ($id: ID!, $at: DateTime!) { nudge(id: $id, at: $at) { id } }"
CANCEL = "mutation ($id: ID!) { cancel(id: $id) { id } }"


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    loaded = load(HERE / "clockwork.py", HERE)
    assert loaded.model, loaded.diagnostics
    return loaded.model


@pytest.fixture
def harness(model: ServiceModel) -> Harness:
    return Harness(model)


def moments(harness: Harness, consumer: str) -> list[datetime]:
    """For which moments a timer ran."""
    return [each.envelope.time for each in harness.attempts if each.consumer == f"clockwork.{consumer}"]


async def test_a_timer_fires_for_each_moment_that_has_come(harness: Harness) -> None:
    assert await harness.settle() == []
    assert harness.attempts == []
    harness.clock.advance(timedelta(hours=2, minutes=59))
    await harness.settle()
    assert moments(harness, "tick") == [BEGIN + timedelta(hours=1), BEGIN + timedelta(hours=2)]
    await harness.settle()
    assert len(harness.attempts) == 2
    answer = await harness["clockwork"].ask("{ ticks }", ALICE)
    assert answer["data"]["ticks"] == harness.clock.now().isoformat()


async def test_a_calendar_is_read_in_its_zone(harness: Harness) -> None:
    harness.clock.advance(datetime(2026, 3, 31, tzinfo=UTC) - BEGIN)
    await harness.settle()
    told = moments(harness, "greet")
    assert told[0] == datetime(2026, 1, 2, 8, tzinfo=UTC)
    assert {each.isoweekday() for each in told} == {1, 2, 3, 4, 5}
    assert told[-1] == datetime(2026, 3, 30, 7, tzinfo=UTC)  # summer time began the day before


async def test_a_moment_that_comes_twice_is_effected_once(harness: Harness, model: ServiceModel) -> None:
    (timer,) = (each for each in model.consumers if each.name == "tick")
    moment = BEGIN + timedelta(hours=1)
    outcomes = [await harness.deliver(firing(timer, "main", moment)) for _ in range(2)]
    assert outcomes == [[Outcome.EFFECTED], [Outcome.DUPLICATE]]


async def ask(harness: Harness, query: str, **variables: object) -> None:
    given = {
        name: each.isoformat() if isinstance(each, datetime) else each for name, each in variables.items()
    }
    answer = await harness["clockwork"].ask(query, ALICE, **given)
    assert "errors" not in answer, answer


def reminders(harness: Harness) -> list[tuple[str, timedelta]]:
    """Of which visits somebody was reminded, how long after the beginning."""
    return [
        (each.envelope.data["visit_id"], each.at - BEGIN)
        for each in harness.attempts
        if each.consumer == "clockwork.remind"
    ]


async def test_what_is_put_off_waits_for_its_moment(harness: Harness) -> None:
    await ask(harness, PLAN, id="1", at=BEGIN + timedelta(days=3))
    await harness.settle()
    harness.clock.advance(timedelta(days=1, hours=23))
    await harness.settle()
    assert reminders(harness) == []
    harness.clock.advance(timedelta(hours=1))
    await harness.settle()
    assert reminders(harness) == [("1", timedelta(days=2))]


async def test_a_name_is_of_the_last_one(harness: Harness) -> None:
    for day in (3, 9, 5):
        await ask(harness, PLAN, id="1", at=BEGIN + timedelta(days=day))
        await harness.settle()
    await ask(harness, PLAN, id="2", at=BEGIN + timedelta(days=4))
    await harness.settle()
    for _ in range(10):
        harness.clock.advance(timedelta(days=1))
        await harness.settle()
    assert reminders(harness) == [("2", timedelta(days=3)), ("1", timedelta(days=4))]


async def test_what_is_called_off_is_not_sent(harness: Harness) -> None:
    await ask(harness, PLAN, id="1", at=BEGIN + timedelta(days=3))
    await harness.settle()
    await ask(harness, CANCEL, id="1")
    await harness.settle()
    harness.clock.advance(timedelta(days=4))
    await harness.settle()
    assert reminders(harness) == []


@pytest.mark.parametrize("gone", [timedelta(), timedelta(days=1)])
async def test_a_moment_that_has_passed_is_now(harness: Harness, gone: timedelta) -> None:
    await ask(harness, PLAN, id="1", at=BEGIN + timedelta(days=9))
    await harness.settle()
    await ask(harness, PLAN, id="1", at=BEGIN + timedelta(days=1) - gone)
    await ask(harness, NUDGE, id="1", at=BEGIN - gone)
    await harness.settle()
    assert reminders(harness) == [("1", timedelta()), ("1", timedelta())]
    harness.clock.advance(timedelta(days=9))
    await harness.settle()
    assert len(reminders(harness)) == 2


async def test_a_moment_that_is_near_is_kept_by_the_queue(harness: Harness) -> None:
    await ask(harness, PLAN, id="1", at=BEGIN + timedelta(days=9))
    await ask(harness, NUDGE, id="1", at=BEGIN + timedelta(seconds=40))
    await harness.settle()
    assert reminders(harness) == [("1", timedelta(seconds=40))]


def test_a_moment_is_of_a_time_zone(model: ServiceModel) -> None:
    (remind,) = (each.type for each in model.messages)
    with pytest.raises(ValueError, match="give it one"):
        remind(visit_id="1").at(datetime(2026, 1, 1))
