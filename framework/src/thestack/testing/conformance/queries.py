# ruff: noqa: S101 - a suite of tests asserts
"""How every RowStore answers queries."""

from dataclasses import replace
from typing import Any

import pytest

from thestack.ports import Put, Query, RowKey, RowStore
from thestack.testing.conformance.rows import BY_DAY, BY_SIZE, BY_TITLE, eventually, thing, tombstone

RANGES: list[tuple[dict[str, Any], str]] = [
    ({}, "abcdef"),
    ({"forward": False}, "fedcba"),
    ({"low": "c"}, "cdef"),
    ({"high": "c"}, "abc"),
    ({"low": "b", "high": "e"}, "bcde"),
    ({"low": "b", "high": "e", "forward": False, "limit": 2}, "ed"),
    ({"low": "bb", "high": "dd"}, "cd"),
    ({"low": "b", "high": "b"}, "b"),
    ({"low": "e", "high": "b"}, ""),
    ({"low": "x", "high": "z"}, ""),
    ({"low": "", "limit": 2}, "ab"),
    ({"low": "", "high": "b"}, "ab"),
    ({"high": ""}, ""),
    ({"low": "", "high": ""}, ""),
    ({"limit": 3}, "abc"),
    ({"limit": 0}, ""),
]
"""What is asked of the rows a to f, and which must come."""
ORDERED = ["\x1f", "0", "10", "2", "A", "Z", "a", "ab\x1f1", "ab c", "abc", "z", "~", "é"]
ORDERED += ["\ud7ff", "\ue000", "\uffff", "\U0001f600", "\U0010ffff"]


@pytest.mark.asyncio
class QueryConformance:
    """A part of `StoreConformance`."""

    @pytest.mark.parametrize(("asked", "expected"), RANGES, ids=repr)
    @pytest.mark.parametrize("index", [None, BY_TITLE])
    async def test_a_range(
        self, store: RowStore, pk: str, index: str | None, asked: dict[str, Any], expected: str
    ) -> None:
        titles = f"{pk}#titles"
        keys = {letter: f"key-{letter}" if index else letter for letter in "fadbce"}
        rows = {
            letter: replace(thing(pk, key), indexes={BY_TITLE: RowKey(titles, letter)})
            for letter, key in keys.items()
        }
        await store.commit([Put(row, None) for row in rows.values()])
        await store.commit([Put(thing(f"{pk}0", "c"), None), Put(thing(pk[:-1], "c"), None)])
        query = Query(titles if index else pk, index, **asked)
        await eventually(lambda: store.query(query), [rows[letter] for letter in expected])

    @pytest.mark.parametrize("index", [None, BY_TITLE])
    async def test_the_order_is_that_of_code_points(
        self, store: RowStore, pk: str, index: str | None
    ) -> None:
        rows = [replace(thing(pk, sk), indexes={BY_TITLE: RowKey(f"{pk}#titles", sk)}) for sk in ORDERED]
        await store.commit([Put(row, None) for row in reversed(rows)])
        place = pk if index is None else f"{pk}#titles"
        await eventually(lambda: store.query(Query(place, index)), rows)
        await eventually(lambda: store.query(Query(place, index, forward=False)), rows[::-1])
        await eventually(lambda: store.query(Query(place, index, "ab\x1f", "ab\x1f\U0010ffff")), [rows[7]])

    async def test_a_row_is_only_in_the_indexes_that_it_names(self, store: RowStore, pk: str) -> None:
        places = {BY_TITLE: RowKey(f"{pk}#i", "t")}
        placed, other = replace(thing(pk, "1"), indexes=places), thing(pk, "2")
        await store.commit([Put(placed, None), Put(other, None)])
        await eventually(lambda: store.query(Query(f"{pk}#i", BY_TITLE)), [placed])
        assert await store.query(Query(f"{pk}#i", BY_DAY)) == []
        assert await store.query(Query(f"{pk}#i")) == []

    async def test_a_row_moves_in_an_index_when_it_changes(self, store: RowStore, pk: str) -> None:
        old, new = Query(f"{pk}#open", BY_TITLE), Query(f"{pk}#done", BY_TITLE)
        first = replace(thing(pk), indexes={BY_TITLE: RowKey(old.pk, "t")})
        moved = replace(thing(pk, version=2), indexes={BY_TITLE: RowKey(new.pk, "t")})
        await store.commit([Put(first, None)])
        await eventually(lambda: store.query(old), [first])
        await store.commit([Put(moved, 1)])
        await eventually(lambda: store.query(new), [moved])
        await eventually(lambda: store.query(old), [])
        await store.commit([Put(thing(pk, version=3), 2)])
        await eventually(lambda: store.query(new), [])

    async def test_a_tombstone_is_read_and_queried_but_in_no_index(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(replace(thing(pk), indexes={BY_TITLE: RowKey(f"{pk}#i", "t")}), None)])
        await store.commit([Put(tombstone(pk), 1)])
        assert await store.get([RowKey(pk, "1")]) == [tombstone(pk)]
        assert await store.query(Query(pk)) == [tombstone(pk)]
        await eventually(lambda: store.query(Query(f"{pk}#i", BY_TITLE)), [])

    # Local indexes

    @pytest.mark.parametrize(("asked", "expected"), RANGES, ids=repr)
    async def test_a_range_of_a_local_index_is_read_at_once(
        self, store: RowStore, pk: str, asked: dict[str, Any], expected: str
    ) -> None:
        rows = {letter: replace(thing(pk, f"key-{letter}"), local={BY_SIZE: letter}) for letter in "fadbce"}
        other = replace(thing(f"{pk}0", "c"), local={BY_SIZE: "c"})
        await store.commit([Put(row, None) for row in (*rows.values(), other, thing(pk, "c"))])
        found = await store.query(Query(pk, BY_SIZE, local=True, **asked))
        assert found == [rows[letter] for letter in expected]

    async def test_a_row_moves_in_a_local_index_when_it_changes(self, store: RowStore, pk: str) -> None:
        query = Query(pk, BY_SIZE, local=True)
        rows = [replace(thing(pk, sk), local={BY_SIZE: size}) for sk, size in (("1", "b"), ("2", "c"))]
        await store.commit([Put(row, None) for row in rows])
        moved = replace(rows[0], version=2, local={BY_SIZE: "d"})
        await store.commit([Put(moved, 1)])
        assert await store.query(query) == [rows[1], moved]
        await store.commit([Put(tombstone(pk, "1", 3), 2), Put(thing(pk, "2", 2), 1)])
        assert await store.query(query) == []
