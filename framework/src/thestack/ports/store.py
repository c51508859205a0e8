"""Rows with keys, versions and indexes, written in transactions.

Everything durable is a row: entities, tombstones, outbox entries, inbox records, idempotency records. So one
port
with four verbs carries all of the design's guarantees, and each adapter stays small.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

LARGEST_ROW = 400 * 1024
LARGEST_TRANSACTION = 4 * 1024 * 1024
MOST_WRITES = 100


class RowKey(NamedTuple):
    """Where a row lives: its partition and its place in it.

    Neither part is empty; both sort by code point.
    """

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Row:
    """One stored item.

    `kind` is the entity's name, or a lower-case name of the framework's own (outbox, inbox, once).
    `attributes` hold JSON
    values only. `indexes` places the row in secondary indexes by name; a row that is absent from one is not
    in it (sparse). `local` does the same for indexes that share the table's partitions, by sort key alone.
    `gone` marks a tombstone: the row was deleted and its version is remembered. `expires` is a unix time in
    seconds, after which it may vanish.
    """

    key: RowKey
    kind: str
    version: int
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    indexes: Mapping[str, RowKey] = field(default_factory=dict[str, RowKey])
    gone: bool = False
    expires: int | None = None
    local: Mapping[str, str] = field(default_factory=dict[str, str])

    def place(self, index: str | None) -> RowKey | None:
        """Where the row lies in an index, or in the table (None); None if it is not in the index."""
        if index is None:
            return self.key
        if index in self.local:
            return RowKey(self.key.pk, self.local[index])
        return self.indexes.get(index)

    def is_over(self, now: datetime) -> bool:
        """Whether the row is deleted or expired: it may still be stored, and stands in nobody's way."""
        return self.gone or (self.expires is not None and self.expires <= now.timestamp())


@dataclass(frozen=True, slots=True)
class Put:
    """Write the row if the stored version is `expect`;
    None means that no row may be there, a tombstone included.
    """

    row: Row
    expect: int | None

    @property
    def key(self) -> RowKey:
        return self.row.key


@dataclass(frozen=True, slots=True)
class Add:
    """Add `deltas` to numeric attributes, creating the row from `row` (its version, attributes, indexes)
    where there is none.

    Commutative: it checks no version, and raises the stored one by one. The attributes named in `anew` are
    those of `row` even where the stored row has them. A stored row that had expired at `now`, a unix time, is
    in the way.
    """

    row: Row
    deltas: Mapping[str, int]
    anew: frozenset[str] = frozenset()
    now: int | None = None

    @property
    def key(self) -> RowKey:
        return self.row.key


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the row for good, without a tombstone, if the stored version is `expect`."""

    key: RowKey
    expect: int


Write = Put | Add | Delete


@dataclass(frozen=True, slots=True)
class Query:
    """A range of one partition, of the table (`index` None) or of an index, by sort key between `low` and
    `high`, both included.

    A `local` index has the table's partitions: `pk` is that of the rows.
    """

    pk: str
    index: str | None = None
    low: str | None = None
    high: str | None = None
    forward: bool = True
    limit: int = 100
    local: bool = False


class Stale(Exception):
    """Some expected versions did not hold;
    nothing was written. `rows` are the stored rows found instead (None: no row).
    """

    def __init__(self, rows: Mapping[RowKey, Row | None]) -> None:
        super().__init__(f"stale write of {', '.join(f'{key.pk}/{key.sk}' for key in rows)}")
        self.rows = rows


class Contention(Exception):
    """Concurrent transactions on the same rows kept this one out, also after retries; nothing was written."""


class TransactionTooLarge(Exception):
    """The transaction exceeds what the store takes at once (100 rows, 4 MB, 400 KB a row);
    nothing was written.
    """


class RowStore(Protocol):
    """A table of rows."""

    async def get(self, keys: Sequence[RowKey]) -> list[Row | None]:
        """The rows at these keys, in order, as last committed;
        tombstones included, None where there is none.
        """
        ...

    async def query(self, query: Query) -> list[Row]:
        """The rows of a range, at most `limit`, in sort-key order.

        Of an index that is not local, eventually consistent; fewer rows than `limit` means the end.
        """
        ...

    async def commit(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none. Raises `Stale`, `Contention` or `TransactionTooLarge`."""
        ...

    async def discard(self, keys: Sequence[RowKey]) -> None:
        """Delete rows for good, without a tombstone, whatever their version.

        For outbox entries that were delivered; no error where there is none.
        """
        ...


def check_size(writes: Sequence[Write]) -> None:
    """What every adapter checks before it writes.

    Raises `TransactionTooLarge` beyond what a transaction may hold, `ValueError` where it names a row twice.
    """
    if len({write.key for write in writes}) < len(writes):
        raise ValueError("a transaction writes a row twice")
    if len(writes) > MOST_WRITES:
        raise TransactionTooLarge(f"{len(writes)} rows in one transaction; at most {MOST_WRITES} fit")
    sizes = {
        write.key: len(json.dumps(dict(write.row.attributes), ensure_ascii=False).encode())
        for write in writes
        if not isinstance(write, Delete)
    }
    for key, size in sizes.items():
        if size > LARGEST_ROW:
            raise TransactionTooLarge(f"the row {key.pk} has {size} bytes; at most {LARGEST_ROW} fit")
    if sum(sizes.values()) > LARGEST_TRANSACTION:
        raise TransactionTooLarge(
            f"{sum(sizes.values())} bytes in one transaction; at most {LARGEST_TRANSACTION} fit"
        )
