"""Many messages at once, as one transaction with all their inbox records.

Where it fails, or is too large, the batch is halved until the culprit is alone.
"""

from collections.abc import Sequence

from thestack.ports import Delivery
from thestack.runtime.consume import Consumer, Heard, Outcome
from thestack.runtime.journal import Journal

MOST = 50
"""Of the hundred items of a transaction half are for inbox records, one for each message."""

Taken = tuple[Outcome, Exception | None]


async def take_batch(
    consumer: Consumer, deliveries: Sequence[Delivery], journals: Sequence[Journal]
) -> list[Taken]:
    """Handle the deliveries of a batch in their order, those of one tenant together; answers what became of
    each, as `Consumer.take` does.
    """
    taken: dict[int, Taken] = {}
    tenants: dict[str, dict[int, Heard]] = {}
    for number, (delivery, journal) in enumerate(zip(deliveries, journals, strict=True)):
        try:
            heard = consumer.read(delivery, journal)
        except Exception as wrong:
            taken[number] = await _given_up(consumer, delivery, wrong)
            continue
        if heard is None:
            taken[number] = Outcome.PASSED, None
        else:
            tenants.setdefault(heard.envelope.tenant, {})[number] = heard
    for group in tenants.values():
        for start in range(0, len(group), MOST):
            part = dict(list(group.items())[start : start + MOST])
            taken |= zip(part, await _halving(consumer, list(part.values())), strict=True)
    return [taken[number] for number in range(len(deliveries))]


async def _halving(consumer: Consumer, heard: Sequence[Heard]) -> list[Taken]:
    try:
        return [(outcome, None) for outcome in await consumer.transact(heard)]
    except Exception as wrong:
        if len(heard) == 1:
            return [await _given_up(consumer, heard[0].delivery, wrong)]
    middle = (len(heard) + 1) // 2
    return [*await _halving(consumer, heard[:middle]), *await _halving(consumer, heard[middle:])]


async def _given_up(consumer: Consumer, delivery: Delivery, wrong: Exception) -> Taken:
    try:
        return await consumer.give_up(delivery, wrong), wrong
    except Exception as unheard:  # the queue would not hear what became of the message, so it comes again
        return Outcome.RETRY, unheard
