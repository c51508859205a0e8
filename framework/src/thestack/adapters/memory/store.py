"""Rows in a dictionary."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from thestack.ports.store import Add, Delete, Put, Query, Row, RowKey, Stale, Write, check_size


class MemoryStore:
    """A table in memory. Every verb yields to the event loop first, so that concurrent callers interleave as
    they would elsewhere.
    """

    def __init__(self) -> None:
        self._rows: dict[RowKey, Row] = {}

    async def get(self, keys: Sequence[RowKey]) -> list[Row | None]:
        await asyncio.sleep(0)
        return [_copy(row) if (row := self._rows.get(key)) else None for key in keys]

    async def query(self, query: Query) -> list[Row]:
        await asyncio.sleep(0)
        placed = ((row.place(query.index), row) for row in self._rows.values())
        found = [
            (place.sk, row)
            for place, row in placed
            if place
            and place.pk == query.pk
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
        self._rows |= {row.key: row for row in written}
        for write in writes:
            if isinstance(write, Delete):
                del self._rows[write.key]
        await asyncio.sleep(0)

    async def discard(self, keys: Sequence[RowKey]) -> None:
        await asyncio.sleep(0)
        for key in keys:
            self._rows.pop(key, None)

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


def _copy(row: Row) -> Row:
    """A row that shares nothing with the caller's.

    Raises `TypeError` or `ValueError` for what is no JSON value.
    """
    attributes = json.loads(json.dumps(dict(row.attributes), allow_nan=False))
    return replace(row, attributes=attributes, indexes=dict(row.indexes), local=dict(row.local))
