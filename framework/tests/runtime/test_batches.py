"""A batch is taken at once, and of each group in order."""

import asyncio

from thestack.ports import Delivery
from thestack.runtime.batches import take_all


def delivery(id: str, group: str = "") -> Delivery:
    return Delivery(id, "body", 1, "receipt", group)


class Log:
    """Takes all but those that fail, and notes what it was asked to."""

    def __init__(self, *failing: str) -> None:
        self.failing, self.taken, self.held = failing, list[str](), list[tuple[str, str]]()

    async def take(self, delivery: Delivery) -> bool:
        await asyncio.sleep(0)
        self.taken.append(delivery.id)
        return delivery.id not in self.failing

    async def hold(self, delivery: Delivery, behind: Delivery) -> None:
        self.held.append((delivery.id, behind.id))

    async def run(self, *deliveries: Delivery) -> list[str]:
        return [each.id for each in await take_all(deliveries, self.take, self.hold)]


async def test_what_follows_a_failure_in_its_group_is_not_taken_and_comes_again() -> None:
    log = Log("a2")
    again = await log.run(*(delivery(f"{group}{n}", group) for n in (1, 2, 3, 4) for group in ("a", "b")))
    assert again == ["a2", "a3", "a4"]
    assert sorted(log.taken) == ["a1", "a2", "b1", "b2", "b3", "b4"]
    assert log.held == [("a3", "a2"), ("a4", "a2")]


async def test_groups_are_taken_side_by_side() -> None:
    log = Log()
    assert await log.run(delivery("a1", "a"), delivery("a2", "a"), delivery("b1", "b")) == []
    assert log.taken == ["a1", "b1", "a2"]


async def test_without_groups_a_failure_is_nobody_elses() -> None:
    log = Log("2")
    assert await log.run(delivery("1"), delivery("2"), delivery("3")) == ["2"]
    assert (log.taken, log.held) == (["1", "2", "3"], [])


async def test_a_batch_of_nothing_is_done() -> None:
    assert await Log().run() == []
