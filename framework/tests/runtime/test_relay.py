"""The relay loses nothing: an entry leaves the outbox when it was accepted, and not before."""

from datetime import timedelta

import pytest

from thestack.adapters.memory.bus import MemoryBus
from thestack.adapters.memory.queue import MemoryQueue
from thestack.runtime.relay import LEFT_BEHIND, Relay

from .conftest import World, user

ALICE = user("alice")


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


async def test_events_go_to_the_bus_and_messages_to_their_queue(
    world: World, bus: MemoryBus, queue: MemoryQueue
) -> None:
    await world.open("1", ALICE)
    assert await Relay(world.store, bus, queue).carry(await world.outbox(), world.clock.now()) == {}
    assert [each.type for each in bus.published] == ["account.opened"]
    assert [each.type for each in queue.sent["bookkeeping/welcome"]] == ["bookkeeping/welcome"]
    assert await world.outbox() == []


async def test_of_ten_entries_one_refused_for_a_while_all_arrive(
    world: World, bus: MemoryBus, queue: MemoryQueue
) -> None:
    for number in range(10):
        await world.open(f"{number}", ALICE)
    opened = await world.said("account.opened")
    bus.refuse(opened[2].id, times=2)
    assert await Relay(world.store, bus, queue).carry(await world.outbox(), world.clock.now()) == {}
    assert sorted(each.id for each in bus.published) == sorted(each.id for each in opened)
    assert await world.outbox() == []


async def test_what_is_refused_to_the_end_stays_and_is_swept_later(
    world: World, bus: MemoryBus, queue: MemoryQueue
) -> None:
    await world.open("1", ALICE)
    (opened,) = await world.said("account.opened")
    bus.refuse(opened.id, times=5)
    relay = Relay(world.store, bus, queue)
    refused = await relay.carry(await world.outbox(), world.clock.now())
    assert [entry.envelope.id for entry in refused] == [opened.id]
    assert [entry.envelope.id for entry in await world.outbox()] == [opened.id]
    assert await relay.sweep(world.clock.now()) == {}
    assert bus.published == []
    await relay.sweep(world.clock.now() + LEFT_BEHIND + timedelta(seconds=1))
    assert [each.id for each in bus.published] == [opened.id]
    assert await world.outbox() == []
