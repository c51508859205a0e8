"""The outbox: what a transaction says, kept with what it did until bus or queue accepted it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from thestack.definition.names import FIFO, OUTBOX_INDEX, OUTBOX_PREFIX
from thestack.definition.shapes import LONGEST_WAIT
from thestack.ports import Envelope, Row, RowKey

KIND = "outbox"
BUS = "bus"
SHARDS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An envelope with where it goes: `BUS`, or a queue's address. Two entries are never the same one.

    `wait` is how long after the envelope's time nobody may take it; None: as long as the queue's own delay
    is. `due` is the moment until which it is put off, `name` what it is called by whoever may call it off;
    with `cancels` it is never sent, and calls off what has its name.
    """

    destination: str
    envelope: Envelope
    key: RowKey | None = None
    wait: timedelta | None = None
    due: datetime | None = None
    name: str | None = None
    cancels: bool = False

    def is_for_scheduler(self, now: datetime) -> bool:
        """Whether no queue can hold it: it may be called off, or its moment is too far away."""
        if self.cancels or (self.due and self.name):
            return True
        longest = timedelta() if self.destination.endswith(FIFO) else LONGEST_WAIT
        return self.due is not None and self.due - now > longest

    def remaining(self, now: datetime) -> timedelta | None:
        """How much of the wait is left: the time in the outbox counts."""
        if self.due is not None:
            return max(self.due - now, timedelta())
        if self.wait is None:
            return None
        return min(max(self.envelope.time + self.wait - now, timedelta()), self.wait)


def to_row(entry: Entry, now: datetime) -> Row:
    """The row of a new entry, in a partition of its own, and in the sparse index that the sweeper reads,
    spread over `SHARDS`.
    """
    envelope = entry.envelope
    key = RowKey(f"{OUTBOX_PREFIX}{envelope.tenant}#{envelope.id}", entry.destination)
    place = RowKey(shard(crc32(envelope.id.encode()) % SHARDS), f"{now.isoformat()}#{envelope.id}")
    attributes: dict[str, Any] = {"destination": entry.destination, "envelope": envelope.to_json()}
    if entry.wait is not None:
        attributes["wait"] = round(entry.wait.total_seconds() * 1000)
    if entry.due is not None:
        attributes["due"] = entry.due.isoformat()
    if entry.name is not None:
        attributes["name"] = entry.name
    if entry.cancels:
        attributes["cancels"] = True
    return Row(key, KIND, 1, attributes, {OUTBOX_INDEX: place})


def from_row(row: Row) -> Entry:
    """The entry in a row. Raises `ValueError` if it is none."""
    try:
        said = row.attributes
        wait = timedelta(milliseconds=int(said["wait"])) if "wait" in said else None
        return Entry(
            said["destination"],
            Envelope.from_json(said["envelope"]),
            row.key,
            wait,
            datetime.fromisoformat(said["due"]) if "due" in said else None,
            said.get("name"),
            bool(said.get("cancels")),
        )
    except KeyError as missing:
        raise ValueError(f"outbox row {row.key.pk} has no {missing}") from None


def shard(number: int) -> str:
    """The partition of the sweeper's index."""
    return f"outbox#{number}"


def subject_of(key: RowKey) -> str:
    """What an event is about: the row, without the tenant, which the envelope names by itself."""
    return f"{key.pk.partition('#')[2]}/{key.sk}"
