"""The outbox: what a transaction says, kept with what it did until bus or queue accepted it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from thestack.definition.names import OUTBOX_INDEX, OUTBOX_PREFIX
from thestack.ports import Envelope, Row, RowKey

KIND = "outbox"
BUS = "bus"
SHARDS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An envelope with where it goes: `BUS`, or a queue's address. Two entries are never the same one.

    `wait` is how long after the envelope's time nobody may take it; None: as long as the queue's own delay
    is.
    """

    destination: str
    envelope: Envelope
    key: RowKey | None = None
    wait: timedelta | None = None

    def remaining(self, now: datetime) -> timedelta | None:
        """How much of the wait is left: the time in the outbox counts."""
        if self.wait is None:
            return None
        return min(max(self.envelope.time + self.wait - now, timedelta()), self.wait)


def to_row(destination: str, envelope: Envelope, now: datetime, wait: timedelta | None = None) -> Row:
    """The row of a new entry, in a partition of its own, and in the sparse index that the sweeper reads,
    spread over `SHARDS`.
    """
    key = RowKey(f"{OUTBOX_PREFIX}{envelope.tenant}#{envelope.id}", destination)
    place = RowKey(shard(crc32(envelope.id.encode()) % SHARDS), f"{now.isoformat()}#{envelope.id}")
    attributes: dict[str, Any] = {"destination": destination, "envelope": envelope.to_json()}
    if wait is not None:
        attributes["wait"] = round(wait.total_seconds() * 1000)
    return Row(key, KIND, 1, attributes, {OUTBOX_INDEX: place})


def from_row(row: Row) -> Entry:
    """The entry in a row. Raises `ValueError` if it is none."""
    try:
        said = row.attributes
        wait = timedelta(milliseconds=int(said["wait"])) if "wait" in said else None
        return Entry(said["destination"], Envelope.from_json(said["envelope"]), row.key, wait)
    except KeyError as missing:
        raise ValueError(f"outbox row {row.key.pk} has no {missing}") from None


def shard(number: int) -> str:
    """The partition of the sweeper's index."""
    return f"outbox#{number}"


def subject_of(key: RowKey) -> str:
    """What an event is about: the row, without the tenant, which the envelope names by itself."""
    return f"{key.pk.partition('#')[2]}/{key.sk}"
