"""The relay loses nothing: an entry leaves the outbox when it was accepted, and not before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from thestack.adapters.memory.bus import MemoryBus
from thestack.adapters.memory.queue import MemoryQueue
from thestack.runtime.outbox import Entry
from thestack.runtime.relay import LEFT_BEHIND, Relay, in_order
from thestack.testing.conformance.envelopes import envelope

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


def test_entries_go_in_the_order_in_which_they_were_said_whatever_the_clocks(world: World) -> None:
    """A clock that goes behind does not make an aggregate's second event its first."""
    moment = world.clock.now()

    def said(subject: str, number: int, after: int) -> Entry:
        time = moment + timedelta(seconds=after)
        return Entry("bus", replace(envelope(), subject=subject, sequence=(1, number), time=time))

    first, second = said("a", 1, 5), said("a", 2, 4)
    other = said("b", 9, 3)
    assert in_order([second, first, other]) == [other, first, second]


def test_the_wait_that_is_left_is_never_longer_than_the_whole_nor_negative(world: World) -> None:
    moment, wait = world.clock.now(), timedelta(seconds=60)
    entry = Entry("shop/pack", replace(envelope(), time=moment), wait=wait)
    assert entry.remaining(moment + timedelta(seconds=20)) == timedelta(seconds=40)
    assert entry.remaining(moment + timedelta(hours=1)) == timedelta()
    assert entry.remaining(moment - timedelta(hours=1)) == wait
    assert replace(entry, wait=None).remaining(moment) is None
