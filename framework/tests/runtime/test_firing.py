"""A timer's moment is one effect, whoever wrote the moment into what its queue brings."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from thestack.definition.load import load
from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.ports import Delivery
from thestack.runtime.consume import Outcome
from thestack.runtime.firing import SCHEDULED_TIME, firing, template

from .conftest import World, new_world

CLOCKWORK = Path(__file__).parents[1] / "testing/clockwork.py"


@pytest.fixture(scope="module")
def service() -> ServiceModel:
    loaded = load(CLOCKWORK, CLOCKWORK.parent)
    assert loaded.model, loaded.diagnostics
    return loaded.model


@pytest.fixture
def tick(service: ServiceModel) -> ConsumerModel:
    return next(each for each in service.consumers if each.name == "tick")


@pytest.fixture
def clockwork(service: ServiceModel) -> World:
    return new_world(service)


async def outcome(world: World, id: str, body: str) -> Outcome:
    made, _ = await world.consumer("tick").take(Delivery(id, body, 1, "receipt"))
    return made


async def test_scheduler_writes_the_moment(clockwork: World, tick: ConsumerModel) -> None:
    body = template(tick, "main").replace(SCHEDULED_TIME, "2026-01-02T04:00:00Z")
    assert await outcome(clockwork, "m-1", body) is Outcome.EFFECTED
    assert await outcome(clockwork, "m-2", body) is Outcome.DUPLICATE


async def test_where_nobody_wrote_it_the_message_is_the_moment(clockwork: World, tick: ConsumerModel) -> None:
    body = template(tick, "main")
    assert await outcome(clockwork, "m-1", body) is Outcome.EFFECTED
    assert await outcome(clockwork, "m-1", body) is Outcome.DUPLICATE
    assert await outcome(clockwork, "m-2", body) is Outcome.EFFECTED


async def test_what_is_no_moment_of_it_is_given_up(
    clockwork: World, service: ServiceModel, tick: ConsumerModel
) -> None:
    (greet,) = (each for each in service.consumers if each.name == "greet")
    body = firing(greet, "main", datetime(2026, 1, 2, tzinfo=UTC)).to_json()
    assert await outcome(clockwork, "m-1", body) is Outcome.PARKED
    ((_, refusal),) = clockwork.deliveries.parked
    assert "not woken by clockwork/greet" in refusal.reason
