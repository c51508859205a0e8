"""Rows in a dictionary."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from thestack.ports.store import Add, Put, Query, Row, RowKey, Stale, Write, check_size


class MemoryStore:
    """A table in memory. Every verb yields to the event loop first, so that concurrent callers interleave as
    they would elsewhere.
    """

    def __init__(self) -> None:
        self._rows: dict[RowKey, Row] = {}

    async def get(self, keys: Sequence[RowKey]) -> list[Row | None]:
        await asyncio.sleep(0)
        return [self._rows.get(key) for key in keys]

    async def query(self, query: Query) -> list[Row]:
        await asyncio.sleep(0)
        placed = (
            (row.indexes.get(query.index) if query.index else row.key, row) for row in self._rows.values()
        )
        found = [
            (place.sk, row)
            for place, row in placed
            if place
            and place.pk == query.pk
            and (query.low is None or place.sk >= query.low)
            and (query.high is None or place.sk <= query.high)
        ]
        found.sort(key=lambda pair: (pair[0], pair[1].key), reverse=not query.forward)
        return [row for _, row in found][: query.limit]

    async def commit(self, writes: Sequence[Write]) -> None:
        await asyncio.sleep(0)
        check_size(writes)
        stale = {write.row.key: self._rows.get(write.row.key) for write in writes if not self._holds(write)}
        if stale:
            raise Stale(stale)
        for write in writes:
            self._rows[write.row.key] = write.row if isinstance(write, Put) else self._sum(write)
        await asyncio.sleep(0)

    async def discard(self, keys: Sequence[RowKey]) -> None:
        await asyncio.sleep(0)
        for key in keys:
            self._rows.pop(key, None)

    def _holds(self, write: Write) -> bool:
        stored = self._rows.get(write.row.key)
        return isinstance(write, Add) or (stored.version if stored else None) == write.expect

    def _sum(self, write: Add) -> Row:
        stored = self._rows.get(write.row.key)
        if stored is None or stored.gone:
            stored = replace(write.row, version=stored.version if stored else 0)
        attributes = {**write.row.attributes, **stored.attributes}
        for name, delta in write.deltas.items():
            attributes[name] = attributes.get(name, 0) + delta
        return replace(stored, version=stored.version + 1, attributes=attributes)
