# ruff: noqa: S101 - a suite of tests asserts
"""How every RowStore adds to rows, and deletes them."""

import asyncio
from dataclasses import replace

import pytest

from thestack.ports import Add, Delete, Put, Query, Row, RowKey, RowStore, Stale, Write
from thestack.testing.conformance.rows import BY_DAY, BY_SIZE, eventually, is_stale, persist, thing, tombstone


@pytest.mark.asyncio
class ChangeConformance:
    """A part of `StoreConformance`."""

    # Additions

    async def test_an_addition_makes_the_row_that_is_missing(self, store: RowStore, pk: str) -> None:
        row = Row(
            RowKey(pk, "1"),
            "Thing",
            1,
            {"day": "mon", "n": 10},
            {BY_DAY: RowKey(pk, "mon")},
            expires=4_000_000_000,
            local={BY_SIZE: "10"},
        )
        await store.commit([Add(row, {"n": 2, "m": -3})])
        assert await store.get([row.key]) == [replace(row, attributes={"day": "mon", "n": 12, "m": -3})]

    async def test_an_addition_keeps_what_is_there(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(thing(pk, version=7, n=40, day="mon", note=None), None)])
        await store.commit([Add(thing(pk, day="tue", note="x", more="y"), {"n": 2, "m": 1})])
        expected = thing(pk, version=8, n=42, day="mon", note=None, more="y", m=1)
        assert await store.get([RowKey(pk, "1")]) == [expected]

    async def test_an_addition_of_nothing_is_a_version_all_the_same(self, store: RowStore, pk: str) -> None:
        await store.commit([Add(thing(pk, day="mon"), {})])
        await store.commit([Add(thing(pk, day="mon"), {})])
        assert await store.get([RowKey(pk, "1")]) == [thing(pk, version=2, day="mon")]

    async def test_an_addition_revives_a_tombstone(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(tombstone(pk, version=4), None)])
        row = Row(RowKey(pk, "1"), "Thing", 1, {"day": "mon"}, {BY_DAY: RowKey(f"{pk}#days", "mon")})
        await store.commit([Add(row, {"n": 1})])
        expected = replace(row, version=5, attributes={"day": "mon", "n": 1})
        assert await store.get([row.key]) == [expected]
        await eventually(lambda: store.query(Query(f"{pk}#days", BY_DAY)), [expected])

    async def test_an_addition_writes_anew_what_it_is_told_to(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(thing(pk, n=1, day="mon", expires="early"), None)])
        row = thing(pk, day="tue", expires="late")
        await store.commit([Add(row, {"n": 1}, anew=frozenset({"expires"}))])
        assert await store.get([row.key]) == [thing(pk, version=2, n=2, day="mon", expires="late")]

    async def test_an_addition_to_an_expired_row_is_handed_the_row(self, store: RowStore, pk: str) -> None:
        old = replace(thing(pk, n=40), expires=4_000_000_000)
        await store.commit([Put(old, None)])
        fresh = replace(thing(pk), expires=4_000_000_100)
        for now in (4_000_000_000, 4_000_000_001):
            await is_stale(store, [Add(fresh, {"n": 1}, now=now)], {old.key: old})
        await store.commit([Add(fresh, {"n": 1}, now=3_999_999_999)])
        assert await store.get([old.key]) == [replace(old, version=2, attributes={"n": 41})]
        await store.commit([Add(thing(pk, "2"), {"n": 1}, now=1), Put(thing(pk, "3"), None)])
        await store.commit([Add(thing(pk, "3"), {"n": 1}, now=1)])
        expected = [thing(pk, "2", n=1), thing(pk, "3", version=2, n=1)]
        assert await store.get([RowKey(pk, "2"), RowKey(pk, "3")]) == expected

    async def test_fifty_additions_at_once_sum_up(self, store: RowStore, pk: str) -> None:
        adds = [
            persist(store, [Add(thing(pk, day="mon"), {"n": number, "calls": 1})]) for number in range(50)
        ]
        await asyncio.gather(*adds)
        expected = thing(pk, version=50, day="mon", n=sum(range(50)), calls=50)
        assert await store.get([RowKey(pk, "1")]) == [expected]

    async def test_an_addition_makes_an_older_read_stale(self, store: RowStore, pk: str) -> None:
        await store.commit([Add(thing(pk), {"n": 1})])
        await store.commit([Add(thing(pk), {"n": 1})])
        await is_stale(store, [Put(thing(pk, version=2), 1)], {RowKey(pk, "1"): thing(pk, version=2, n=2)})

    # Deletions

    async def test_a_deletion_leaves_nothing_where_its_version_is_there(
        self, store: RowStore, pk: str
    ) -> None:
        await store.commit([Put(replace(thing(pk, version=7), local={BY_SIZE: "1"}), None)])
        await store.commit([Delete(RowKey(pk, "1"), 7)])
        assert await store.get([RowKey(pk, "1")]) == [None]
        assert await store.query(Query(pk)) == []
        assert await store.query(Query(pk, BY_SIZE, local=True)) == []
        await store.commit([Put(thing(pk), None)])

    async def test_a_deletion_of_another_version_is_stale(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(thing(pk, version=2), None)])
        await is_stale(store, [Delete(RowKey(pk, "1"), 1)], {RowKey(pk, "1"): thing(pk, version=2)})
        await is_stale(store, [Delete(RowKey(pk, "2"), 1)], {RowKey(pk, "2"): None})

    async def test_a_deletion_is_a_part_of_its_transaction(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(thing(pk, "a"), None), Put(thing(pk, "b"), None)])
        wrong: list[Write] = [Delete(RowKey(pk, "a"), 1), Put(thing(pk, "b", version=9), 8)]
        await is_stale(store, wrong, {RowKey(pk, "b"): thing(pk, "b")})
        assert await store.get([RowKey(pk, "a")]) == [thing(pk, "a")]
        await store.commit(
            [Delete(RowKey(pk, "a"), 1), Put(thing(pk, "b", version=2), 1), Put(thing(pk, "c"), None)]
        )
        assert await store.query(Query(pk)) == [thing(pk, "b", version=2), thing(pk, "c")]
        with pytest.raises(ValueError, match="twice"):
            await store.commit([Delete(RowKey(pk, "c"), 1), Put(thing(pk, "c"), None)])

    async def test_of_twenty_deletions_of_one_version_one_wins(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(thing(pk), None)])

        async def delete() -> bool:
            try:
                await persist(store, [Delete(RowKey(pk, "1"), 1)])
            except Stale as stale:
                return dict(stale.rows) != {RowKey(pk, "1"): None}
            return True

        won = await asyncio.gather(*(delete() for _ in range(20)))
        assert won.count(True) == 1
