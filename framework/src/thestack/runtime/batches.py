"""A batch of deliveries: all at once, but those of one group in their order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from thestack.ports import Delivery

Take = Callable[[Delivery], Awaitable[bool]]
"""Takes a delivery; answers whether it is done, or must come again."""
Hold = Callable[[Delivery, Delivery], Awaitable[None]]
"""Puts off a delivery that was not taken, because another one of its group must come again before it."""


async def take_all(deliveries: Sequence[Delivery], take: Take, hold: Hold) -> list[Delivery]:
    """Take a batch; answers those that must come again."""
    groups: dict[str, list[Delivery]] = {}
    for number, delivery in enumerate(deliveries):
        groups.setdefault(delivery.group or f"alone {number}", []).append(delivery)
    left = await asyncio.gather(*(_in_order(group, take, hold) for group in groups.values()))
    return [delivery for group in left for delivery in group]


async def _in_order(group: Sequence[Delivery], take: Take, hold: Hold) -> Sequence[Delivery]:
    for number, delivery in enumerate(group):
        if not await take(delivery):
            for later in group[number + 1 :]:
                await hold(later, delivery)
            return group[number:]
    return ()
