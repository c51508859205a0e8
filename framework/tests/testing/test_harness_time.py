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
