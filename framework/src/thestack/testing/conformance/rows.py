# ruff: noqa: S101 - a suite of tests asserts
"""Rows and reads that the suites of a store share."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from thestack.ports import Contention, Row, RowKey, RowStore, Stale, Write

INDEXES = ("Thing.by_title", "Thing.by_day")
"""Those that the suites use: a table made for them has both."""
BY_TITLE, BY_DAY = INDEXES
LOCAL_INDEXES = ("Thing.by_size",)
"""Those of them that share the table's partitions."""
(BY_SIZE,) = LOCAL_INDEXES
WITHIN = 5.0


async def eventually(read: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Assert that a read answers what is wanted, soon: indexes follow the table in their own time."""
    deadline = asyncio.get_running_loop().time() + WITHIN
    while (found := await read()) != wanted and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    assert found == wanted


def thing(pk: str, sk: str = "1", version: int = 1, **attributes: Any) -> Row:
    """A row of that partition."""
    return Row(RowKey(pk, sk), "Thing", version, attributes)


def tombstone(pk: str, sk: str = "1", version: int = 2) -> Row:
    """What a deleted row leaves."""
    return Row(RowKey(pk, sk), "Thing", version, gone=True)


async def persist(store: RowStore, writes: Sequence[Write]) -> None:
    """Commit, also where others are in the way for long."""
    for _ in range(20):
        try:
            return await store.commit(writes)
        except Contention:
            continue
    raise AssertionError("the store never let this transaction through")


async def is_stale(store: RowStore, writes: Sequence[Write], rows: Mapping[RowKey, Row | None]) -> None:
    """Assert that these writes are refused, with the rows that stand in their way."""
    with pytest.raises(Stale) as stale:
        await store.commit(writes)
    assert dict(stale.value.rows) == rows
    assert await store.get(list(rows)) == list(rows.values())
