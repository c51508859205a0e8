"""Carries to the scheduler what was put off, and what calls that off."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from thestack.definition import names
from thestack.ports import Queue, Scheduler
from thestack.runtime.outbox import Entry

SOONEST = timedelta(minutes=1)
"""How far ahead the moment of a schedule is at least: Scheduler takes none whose moment has passed."""
NO_SCHEDULER = (
    "the service has no scheduler: in no handler's text is `.at(` or `.cancelled(`; call it there, "
    "or in a function that a handler calls by its name"
)


async def put_off(
    scheduler: Scheduler | None, queue: Queue | None, entries: Sequence[Entry], now: datetime
) -> list[str | None]:
    """Bring entries to the scheduler, those of one name one after the other; what is due by now to the queue.
    For each, the reason if it was not taken.
    """
    if scheduler is None or queue is None:
        return [NO_SCHEDULER] * len(entries)
    named: dict[str, list[Entry]] = {}
    for entry in entries:
        named.setdefault(_name(entry), []).append(entry)
    answers: dict[Entry, str | None] = {}

    async def in_turn(name: str, each: Sequence[Entry]) -> None:
        for entry in each:
            answers[entry] = await _bring(scheduler, queue, name, entry, now)

    await asyncio.gather(*(in_turn(name, each) for name, each in named.items()))
    return [answers[entry] for entry in entries]


async def _bring(scheduler: Scheduler, queue: Queue, name: str, entry: Entry, now: datetime) -> str | None:
    if entry.cancels or entry.due is None:
        return await scheduler.drop(name, entry.envelope)
    if entry.due <= now:
        # What it takes the place of goes first, so that never both are sent.
        refused = await scheduler.drop(name, entry.envelope)
        return refused or (await queue.send(entry.destination, [entry.envelope]))[0]
    return await scheduler.keep(name, max(entry.due, now + SOONEST), entry.destination, entry.envelope)


def _name(entry: Entry) -> str:
    envelope = entry.envelope
    return names.put_off(envelope.tenant, entry.destination, entry.name or envelope.id)
