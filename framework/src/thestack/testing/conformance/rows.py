# ruff: noqa: S101 - a suite of tests asserts
"""Rows and reads that the suites of a store share."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from thestack.ports import Add, Contention, Put, Row, RowKey, RowStore

INDEXES = ("Thing.by_title", "Thing.by_day")
"""Those that the suites use: a table made for them has both."""
BY_TITLE, BY_DAY = INDEXES
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


async def persist(store: RowStore, writes: Sequence[Put | Add]) -> None:
    """Commit, also where others are in the way for long."""
    for _ in range(20):
        try:
            return await store.commit(writes)
        except Contention:
            continue
    raise AssertionError("the store never let this transaction through")
