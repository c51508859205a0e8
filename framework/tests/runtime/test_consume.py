"""One message, one effect, however often it comes and wherever the consumer dies."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from thestack.definition.model import Retry, ServiceModel
from thestack.ports import Delivery
from thestack.runtime.consume import Outcome, backoff
from thestack.runtime.once import LEASE

from .conftest import World, delivery, new_world, user

ALICE = user("alice")


async def total(world: World) -> int:
    answer = await world.ask("{ totals { nodes { opened } } }", ALICE)
    return sum(node["opened"] for node in answer["data"]["totals"]["nodes"])


async def die_at(step: int, work: Coroutine[Any, Any, Any]) -> bool:
    """Run `work` up to its `step`-th suspension and abandon it there, as a dying process would.

    Answers whether it got that far.
    """
    try:
        for _ in range(step):
            future = work.send(None)
            if asyncio.isfuture(future):
                future._asyncio_future_blocking = False
                await asyncio.wait([future])
            else:
                await asyncio.sleep(0)
    except StopIteration:
        return False
    work.close()
    return True


@pytest.mark.parametrize("name", ["tally", "welcome"])
async def test_killed_at_any_await_and_redelivered_the_effect_is_one(model: ServiceModel, name: str) -> None:
    died, step = True, 0
    while died:
        step += 1
        world = new_world(model)
        await world.open("1", ALICE)
        event = (await world.said("account.opened" if name == "tally" else "bookkeeping/welcome"))[0]
        died = await die_at(step, world.consumer(name).take(delivery(event)))
        world.clock.advance(2 * LEASE)
        outcome, _ = await world.consumer(name).take(delivery(event, attempt=2))
        assert outcome in (Outcome.EFFECTED, Outcome.DUPLICATE)
        if name == "tally":
            assert await total(world) == 1
        else:
            assert len(await world.said("account.closed")) == 1
            assert 1 <= len(world.mailer.sent) <= 2
    assert step > 3


async def test_a_duplicate_has_no_second_effect(world: World) -> None:
    await world.open("1", ALICE)
    (event,) = await world.said("account.opened")
    outcomes = [await world.consumer("tally").take(delivery(event)) for _ in range(3)]
    assert [outcome for outcome, _ in outcomes] == [Outcome.EFFECTED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert await total(world) == 1


async def test_concurrent_duplicates_have_one_effect(world: World) -> None:
    await world.open("1", ALICE)
    (event,) = await world.said("account.opened")
    await asyncio.gather(*(world.consumer("tally").take(delivery(event)) for _ in range(20)))
    assert await total(world) == 1


async def test_a_failure_is_postponed_with_backoff_and_parked_with_its_reason_in_the_end(
    world: World,
) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    world.mailer.refuse("no such mailbox")
    for attempt in (1, 2):
        outcome, _ = await world.consumer("welcome").take(delivery(message, attempt))
        assert outcome is Outcome.RETRY
    assert [delay.total_seconds() for _, delay in world.deliveries.postponed] == [1, 2]
    outcome, _ = await world.consumer("welcome").take(delivery(message, 3))
    assert outcome is Outcome.PARKED
    ((_, refusal),) = world.deliveries.parked
    assert (refusal.handler, refusal.attempts) == ("bookkeeping.welcome", 3)
    assert "no such mailbox" in refusal.reason


async def test_redriven_after_the_cause_is_gone_it_takes_effect_once(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    world.mailer.refuse("down")
    await world.consumer("welcome").take(delivery(message, 3))
    world.mailer.accept()
    for _ in range(2):
        await world.consumer("welcome").take(delivery(message, 1))
    assert len(world.mailer.sent) == 1
    assert len(await world.said("account.closed")) == 1


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "{}",
        '{"id":"1","type":"account.opened","dataversion":1,"source":"elsewhere","subject":"s",'
        '"time":"2026-01-01T00:00:00Z","tenant":"t","data":{}}',
        '{"id":"1","type":"account.opened","dataversion":7,"source":"bookkeeping","subject":"s",'
        '"time":"2026-01-01T00:00:00Z","tenant":"t","data":{"account_id":"1","owner_id":"a"}}',
        '{"id":"1","type":"account.opened","dataversion":1,"source":"bookkeeping","subject":"s",'
        '"time":"2026-01-01T00:00:00Z","tenant":"t","data":{"account_id":1}}',
    ],
)
async def test_what_no_retry_can_mend_is_parked_at_once(world: World, body: str) -> None:
    outcome, _ = await world.consumer("tally").take(Delivery("m", body, 1, "r"))
    assert outcome is Outcome.PARKED
    assert world.deliveries.parked[0][1].cause == "Reject"


async def test_a_handler_may_reject_a_message(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    await world.ask("mutation { closeAccount(id: 1) { id } }", ALICE)
    outcome, _ = await world.consumer("welcome").take(delivery(message))
    assert outcome is Outcome.PARKED
    assert "gone" in world.deliveries.parked[0][1].reason


async def test_what_a_consumer_says_is_one_hop_further(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    await world.consumer("welcome").take(delivery(message))
    (closed,) = await world.said("account.closed")
    assert (closed.hops, closed.correlation_id) == (message.hops + 1, "test")


def test_backoff_doubles_up_to_a_bound() -> None:
    waits = [backoff(Retry(), attempt).total_seconds() for attempt in (1, 2, 3)]
    assert waits == [1, 2, 4]
    assert backoff(Retry(), 40) == Retry().longest_delay


async def test_a_conflict_is_tried_again_at_once_and_is_no_attempt(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    messages = [replace(message, id=f"{message.id}-{number}") for number in range(5)]
    taken = await asyncio.gather(*(world.consumer("welcome").take(delivery(each)) for each in messages))
    assert [outcome for outcome, _ in taken] == [Outcome.EFFECTED] * 5
    assert len(await world.said("account.closed")) == 5
    assert world.deliveries.postponed == []
