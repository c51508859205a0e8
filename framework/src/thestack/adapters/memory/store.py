"""Rows in a dictionary."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from thestack.ports.store import Add, Delete, Put, Query, Row, RowKey, Stale, Write, check_size


class MemoryStore:
    """A table in memory. Every verb yields to the event loop first, so that concurrent callers interleave as
    they would elsewhere.
    """

    def __init__(self) -> None:
        self._rows: dict[RowKey, Row] = {}
        self._partitions: dict[tuple[str | None, str], dict[RowKey, None]] = {}

    async def get(self, keys: Sequence[RowKey]) -> list[Row | None]:
        await asyncio.sleep(0)
        return [_copy(row) if (row := self._rows.get(key)) else None for key in keys]

    async def query(self, query: Query) -> list[Row]:
        await asyncio.sleep(0)
        there = self._partitions.get((query.index, query.pk), {})
        placed = ((row.place(query.index), row) for row in map(self._rows.__getitem__, there))
        found = [
            (place.sk, row)
            for place, row in placed
            if place
            and (query.low is None or place.sk >= query.low)
            and (query.high is None or place.sk <= query.high)
        ]
        found.sort(key=lambda pair: (pair[0], pair[1].key), reverse=not query.forward)
        return [_copy(row) for _, row in found][: query.limit]

    async def commit(self, writes: Sequence[Write]) -> None:
        await asyncio.sleep(0)
        check_size(writes)
        failed = [write.key for write in writes if not self._holds(write)]
        stale = {key: _copy(row) if (row := self._rows.get(key)) else None for key in failed}
        if stale:
            raise Stale(stale)
        written = [
            _copy(write.row if isinstance(write, Put) else self._sum(write))
            for write in writes
            if not isinstance(write, Delete)
        ]
        for row in written:
            self._forget(row.key)
            self._rows[row.key] = row
            for place in _places(row):
                self._partitions.setdefault(place, {})[row.key] = None
        for write in writes:
            if isinstance(write, Delete):
                self._forget(write.key)
        await asyncio.sleep(0)

    async def discard(self, keys: Sequence[RowKey]) -> None:
        await asyncio.sleep(0)
        for key in keys:
            self._forget(key)

    def _forget(self, key: RowKey) -> None:
        row = self._rows.pop(key, None)
        for place in _places(row) if row else ():
            del self._partitions[place][key]

    def _holds(self, write: Write) -> bool:
        stored = self._rows.get(write.key)
        if isinstance(write, Add):
            expires = stored.expires if stored else None
            return write.now is None or expires is None or expires > write.now
        return (stored.version if stored else None) == write.expect

    def _sum(self, write: Add) -> Row:
        """The stored row, what it lacks filled in, with the deltas added."""
        stored = self._rows.get(write.row.key, replace(write.row, version=0))
        anew = {name: value for name, value in write.row.attributes.items() if name in write.anew}
        attributes: dict[str, Any] = {**write.row.attributes, **stored.attributes, **anew}
        for name, delta in write.deltas.items():
            attributes[name] = attributes.get(name, 0) + delta
        return replace(
            stored,
            version=stored.version + 1,
            attributes=attributes,
            indexes={**write.row.indexes, **stored.indexes},
            local={**write.row.local, **stored.local},
            expires=write.row.expires if stored.expires is None else stored.expires,
            gone=False,
        )


def _places(row: Row) -> Iterator[tuple[str | None, str]]:
    """The partitions that the row is in: of the table (None), and of indexes by their names."""
    yield None, row.key.pk
    yield from ((index, row.key.pk) for index in row.local)
    yield from ((index, place.pk) for index, place in row.indexes.items())


def _copy(row: Row) -> Row:
    """A row that shares nothing with the caller's.

    Raises `TypeError` or `ValueError` for what is no JSON value.
    """
    attributes = {name: _value(value) for name, value in row.attributes.items()}
    indexes, local = dict(row.indexes), dict(row.local)
    return Row(row.key, row.kind, row.version, attributes, indexes, row.gone, row.expires, local)


def _value(value: Any) -> Any:
    if value is None or isinstance(value, str) or type(value) in (int, bool):
        return value
    return json.loads(json.dumps(value, allow_nan=False))
