"""The relay: carries outbox entries to bus and queues, and forgets an entry only once it was accepted."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from thestack.definition.names import OUTBOX_INDEX
from thestack.ports import EventBus, Query, Queue, RowStore, Scheduler
from thestack.runtime.outbox import BUS, SHARDS, Entry, from_row, shard
from thestack.runtime.putting_off import put_off

TRIES = 5
FIRST_WAIT = 0.05
LEFT_BEHIND = timedelta(seconds=60)
"""After this an entry is taken to be left behind by the stream, which delivers within a second."""
SWEPT = 250


class Relay:
    """Moves entries; `refused` are those that bus, queue or scheduler would not take, with the reason.

    They stay in the outbox.
    """

    def __init__(
        self, store: RowStore, bus: EventBus | None, queue: Queue | None, scheduler: Scheduler | None = None
    ) -> None:
        self._store, self._bus, self._queue, self._scheduler = store, bus, queue, scheduler

    async def carry(self, entries: Sequence[Entry], now: datetime) -> dict[Entry, str]:
        """Deliver entries, several times where needed, and answer those that were refused to the end, with
        the reason.
        """
        pending = in_order(entries)
        refused: dict[Entry, str] = {}
        for tried in range(TRIES):
            if tried:
                await asyncio.sleep(FIRST_WAIT * 2 ** (tried - 1))
            refused = await self._deliver(pending, now)
            accepted = [entry.key for entry in pending if entry not in refused and entry.key]
            await self._store.discard(accepted)
            pending = [entry for entry in pending if entry in refused]
            if not pending:
                break
        return refused

    async def sweep(self, now: datetime) -> dict[Entry, str]:
        """Deliver what the stream left behind."""
        return await self.carry(await self.left_behind(now), now)

    async def left_behind(self, now: datetime) -> list[Entry]:
        """What the stream left behind. Bounded: what is beyond the bound is for the next sweep."""
        high = (now - LEFT_BEHIND).isoformat()
        queries = [Query(shard(number), OUTBOX_INDEX, high=high, limit=SWEPT) for number in range(SHARDS)]
        found = await asyncio.gather(*(self._store.query(query) for query in queries))
        return [from_row(row) for rows in found for row in rows]

    async def _deliver(self, entries: Sequence[Entry], now: datetime) -> dict[Entry, str]:
        """One try: all destinations at once. The refused entries, with the reason."""
        by_destination: dict[str, list[Entry]] = {}
        later: list[Entry] = []
        for entry in entries:
            here = later if entry.is_for_scheduler(now) else by_destination.setdefault(entry.destination, [])
            here.append(entry)
        sending = [self._send(to, batch, now) for to, batch in by_destination.items()]
        reasons = await asyncio.gather(*sending, put_off(self._scheduler, self._queue, later, now))
        answers = zip([*by_destination.values(), later], reasons, strict=True)
        return {entry: why for batch, whys in answers for entry, why in zip(batch, whys, strict=True) if why}

    async def _send(self, destination: str, batch: Sequence[Entry], now: datetime) -> list[str | None]:
        envelopes = [entry.envelope for entry in batch]
        if destination == BUS:
            return await self._bus.publish(envelopes) if self._bus else ["no bus"] * len(batch)
        if self._queue is None:
            return ["no queue"] * len(batch)
        return await self._queue.send(destination, envelopes, [entry.remaining(now) for entry in batch])


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Entries as they were said: by time, and those about one aggregate by its sequence, whatever the clocks
    of those who said them.
    """
    by_time = sorted(entries, key=lambda entry: (entry.envelope.time, entry.envelope.id))
    about: dict[tuple[str, str], list[Entry]] = {}
    for entry in by_time:
        about.setdefault((entry.envelope.tenant, entry.envelope.subject), []).append(entry)
    following = {
        subject: iter(sorted(each, key=lambda entry: entry.envelope.sequence))
        for subject, each in about.items()
    }
    return [next(following[entry.envelope.tenant, entry.envelope.subject]) for entry in by_time]
