"""Effects that no transaction can hold, done once for a key: an idempotency record around the effect."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from thestack.definition.problems import Conflict, Unconfirmed
from thestack.ports import Put, Row, RowKey, Stale, Uncertain
from thestack.runtime.keys import ALONE, partition_key
from thestack.runtime.ports import Ports

KIND = "once"
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)
STARTS = 2
SHARED = ""
"""What stands for the name of a message in keys that are nobody's own."""
ENDED = ""
"""The lease of a start that nobody is at any more: earlier than every time."""


class InProgress(Conflict, code="IN_PROGRESS"):
    """Another delivery of the same message is running the effect; come back when its lease is over."""


@dataclass(frozen=True, slots=True)
class OnceEffects:
    """The capability `Once` of one message: `name` is what the keys are private to, but shared ones."""

    ports: Ports
    tenant: str
    name: str

    async def __call__(self, key: str, effect: Callable[[], Awaitable[str]], *, shared: bool = False) -> str:
        place = RowKey(partition_key(self.tenant, KIND, SHARED if shared else self.name, key), ALONE)
        (record,) = await self.ports.store.get([place])
        if record and record.attributes["state"] == "done":
            return str(record.attributes["answer"])
        claim = await self._claim(place, record)
        try:
            answer = await effect()
        except Uncertain:
            await self._write(replace(claim, attributes={**claim.attributes, "lease": ENDED}))
            raise
        except Exception:
            await self._write(replace(claim, attributes={**claim.attributes, "state": "failed"}))
            raise
        await self._write(replace(claim, attributes={**claim.attributes, "state": "done", "answer": answer}))
        return answer

    async def _claim(self, place: RowKey, record: Row | None) -> Row:
        """Record that the effect begins.

        A start that was neither confirmed nor seen to fail counts against `STARTS`.
        """
        now = self.ports.clock.now()
        starts = 0
        if record:
            starts = int(record.attributes["starts"])
            if record.attributes["state"] == "failed":
                starts -= 1
            elif record.attributes["lease"] > now.isoformat():
                raise InProgress("The same effect is running.")
            if starts >= STARTS:
                raise Unconfirmed(f"`{self.name}` started {starts} times and was never confirmed.")
        attributes = {"state": "started", "starts": starts + 1, "lease": (now + LEASE).isoformat()}
        version = record.version if record else 0
        row = Row(place, KIND, version + 1, attributes, expires=int((now + KEPT).timestamp()))
        try:
            await self.ports.store.commit([Put(row, version or None)])
        except Stale:
            raise InProgress("The same effect is running.") from None
        return row

    async def _write(self, row: Row) -> None:
        await self.ports.store.commit([Put(replace(row, version=row.version + 1), row.version)])
