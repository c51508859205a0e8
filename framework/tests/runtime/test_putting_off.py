"""What is put off leaves the outbox when the scheduler has it, and not before."""

from datetime import timedelta
from pathlib import Path

import pytest

from thestack.adapters.memory.queue import MemoryQueue
from thestack.adapters.memory.scheduler import MemoryScheduler
from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.ports import Envelope
from thestack.runtime.putting_off import SOONEST
from thestack.runtime.relay import Relay

from .conftest import World, new_world, user

CLOCKWORK = Path(__file__).parents[1] / "testing/clockwork.py"
ALICE = user("alice")
PLAN = "mutation ($id: ID!, $at: DateTime!) { plan(id: $id, startsAt: $at) { id } }"
CANCEL = "mutation ($id: ID!) { cancel(id: $id) { id } }"
REMINDERS = "clockwork/reminders"


@pytest.fixture(scope="module")
def service() -> ServiceModel:
    loaded = load(CLOCKWORK, CLOCKWORK.parent)
    assert loaded.model, loaded.diagnostics
    return loaded.model


@pytest.fixture
def world(service: ServiceModel) -> World:
    return new_world(service)


async def plan(world: World, days: float) -> Envelope:
    """Plan a visit in so many days, which puts a reminder off until a day before."""
    at = world.clock.now() + timedelta(days=days)
    answer = await world.ask(PLAN, ALICE, id="1", at=at.isoformat())
    assert "errors" not in answer, answer
    return (await world.said(REMINDERS))[-1]


async def test_a_relay_without_a_scheduler_leaves_it_where_it_is(world: World) -> None:
    said, queue = await plan(world, 3), MemoryQueue()
    refused = await Relay(world.store, None, queue).carry(await world.outbox(), world.clock.now())
    assert ["no scheduler" in reason for reason in refused.values()] == [True]
    assert [entry.envelope for entry in await world.outbox()] == [said]
    assert queue.sent == {}


async def test_what_the_scheduler_took_has_left(world: World) -> None:
    said, scheduler = await plan(world, 3), MemoryScheduler()
    relay = Relay(world.store, None, MemoryQueue(), scheduler)
    for _ in range(2):  # the stream may bring it again
        assert await relay.carry(await world.outbox(), world.clock.now()) == {}
    ((when, address, kept),) = scheduler.kept.values()
    assert (when, address, kept) == (world.clock.now() + timedelta(days=2), REMINDERS, said)
    assert await world.outbox() == []


async def test_in_one_batch_the_last_word_holds(world: World) -> None:
    scheduler = MemoryScheduler()
    for days in (3, 9):
        last = await plan(world, days)
        world.clock.advance(timedelta(seconds=1))
    relay = Relay(world.store, None, MemoryQueue(), scheduler)
    assert await relay.carry(await world.outbox(), world.clock.now()) == {}
    assert [each for _, _, each in scheduler.kept.values()] == [last]
    await plan(world, 4)
    world.clock.advance(timedelta(seconds=1))
    await world.ask(CANCEL, ALICE, id="1")
    assert await relay.carry(await world.outbox(), world.clock.now()) == {}
    assert scheduler.kept == {}
    assert await world.outbox() == []


async def test_a_moment_that_comes_while_it_is_carried_is_not_asked_for(world: World) -> None:
    """Scheduler takes none that has passed when it is asked."""
    scheduler = MemoryScheduler()
    await plan(world, 1 + 1 / 86400)
    await Relay(world.store, None, MemoryQueue(), scheduler).carry(await world.outbox(), world.clock.now())
    ((when, _, _),) = scheduler.kept.values()
    assert when == world.clock.now() + SOONEST
