"""Rows in a dictionary."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from thestack.ports.store import Put, Query, Row, RowKey, Stale, Write, check_size


class MemoryStore:
    """A table in memory.

    Every verb yields to the event loop, so that concurrent callers interleave as they would elsewhere. Rows
    are copied on their way in and out: what a caller does to them later changes nothing here.
    """

    def __init__(self) -> None:
        self._rows: dict[RowKey, Row] = {}

    async def get(self, keys: Sequence[RowKey]) -> list[Row | None]:
        await asyncio.sleep(0)
        return [_copy(self._rows[key]) if key in self._rows else None for key in keys]

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
        return [_copy(row) for _, row in found[: query.limit]]

    async def commit(self, writes: Sequence[Write]) -> None:
        check_size(writes)
        await asyncio.sleep(0)
        stale = {write.row.key: self._rows.get(write.row.key) for write in writes if not self._holds(write)}
        if stale:
            raise Stale({key: _copy(row) if row else None for key, row in stale.items()})
        self._rows |= {
            write.row.key: _copy(write.row if isinstance(write, Put) else self._sum(write.row, write.deltas))
            for write in writes
        }
        await asyncio.sleep(0)

    async def discard(self, keys: Sequence[RowKey]) -> None:
        await asyncio.sleep(0)
        for key in keys:
            self._rows.pop(key, None)

    def _holds(self, write: Write) -> bool:
        stored = self._rows.get(write.row.key)
        return not isinstance(write, Put) or (stored.version if stored else None) == write.expect

    def _sum(self, row: Row, deltas: Mapping[str, int]) -> Row:
        """The stored row with the deltas added and what it lacks filled in from `row`."""
        stored = self._rows.get(row.key) or Row(row.key, row.kind, 0)
        counted = {name: stored.attributes.get(name, 0) + delta for name, delta in deltas.items()}
        return replace(
            stored,
            version=stored.version + 1,
            attributes={**row.attributes, **stored.attributes, **counted},
            indexes={**row.indexes, **stored.indexes},
            gone=False,
            expires=row.expires if stored.expires is None else stored.expires,
        )


def _copy(row: Row) -> Row:
    attributes: dict[str, Any] = json.loads(json.dumps(dict(row.attributes)))
    return replace(row, attributes=attributes, indexes=dict(row.indexes))
