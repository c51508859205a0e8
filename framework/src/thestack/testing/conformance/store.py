# ruff: noqa: S101 - a suite of tests asserts
"""What every RowStore does."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from thestack.ports import Add, Put, Query, Row, RowKey, RowStore, Stale, TransactionTooLarge, Write
from thestack.testing.conformance.changes import ChangeConformance
from thestack.testing.conformance.envelopes import AWKWARD
from thestack.testing.conformance.queries import QueryConformance
from thestack.testing.conformance.rows import BY_DAY, BY_SIZE, BY_TITLE, is_stale, persist, thing, tombstone


@pytest.mark.asyncio
class StoreConformance(QueryConformance, ChangeConformance):
    """Inherit and give the fixture `store`: a table with the indexes `INDEXES` and `LOCAL_INDEXES`."""

    @pytest.fixture
    def pk(self) -> str:
        """A partition of the test's own: tests share a table."""
        return f"main#Thing#{uuid4()}"

    async def test_a_row_comes_back_as_it_was_put(self, store: RowStore, pk: str) -> None:
        places = {BY_TITLE: RowKey(f"{pk}#i", "t"), BY_DAY: RowKey(f"{pk}#j", "d")}
        row = Row(RowKey(pk, "1"), "Thing", 3, {"title": "x"}, places, expires=4_000_000_000)
        row = replace(row, local={BY_SIZE: "9"})
        await store.commit([Put(row, None)])
        assert await store.get([row.key]) == [row]

    @pytest.mark.parametrize(
        "value",
        [
            None,
            True,
            False,
            0,
            -17,
            2**53 + 1,
            10**37,
            0.1,
            -2.5,
            1e22,
            1.5e-9,
            "",
            AWKWARD,
            [],
            {},
            [1, "1", 1.5, None, True, [], {}],
            {"a": {"b": {"c": [{"d": None}]}}, "": "empty name", "ключ": 1, "a.b": 2, "a:pk": 3},
        ],
        ids=repr,
    )
    async def test_any_json_value_round_trips(self, store: RowStore, pk: str, value: Any) -> None:
        await store.commit([Put(thing(pk, value=value), None)])
        (found,) = await store.get([RowKey(pk, "1")])
        assert found is not None
        assert repr(found.attributes["value"]) == repr(value) or found.attributes["value"] == value
        assert isinstance(found.attributes["value"], bool) is isinstance(value, bool)

    async def test_an_attribute_may_have_any_name(self, store: RowStore, pk: str) -> None:
        own = ["pk", "sk", "expires", "_v", "_kind", "_gone", "x:pk", "x:sk", ".", ".expires"]
        row = Row(RowKey(pk, "1"), "Thing", 1, dict.fromkeys([*own, "name", "größe"], "mine"))
        await store.commit([Put(row, None)])
        await store.commit([Add(row, {"count": 1})])
        (found,) = await store.get([row.key])
        assert found == replace(row, version=2, attributes={**row.attributes, "count": 1})

    async def test_what_is_no_json_is_refused_and_nothing_is_written(self, store: RowStore, pk: str) -> None:
        for value in (object(), b"bytes", {1}, float("nan"), float("inf")):
            with pytest.raises((TypeError, ValueError)):
                await store.commit(
                    [Put(thing(pk, "1", value=1), None), Put(thing(pk, "2", value=value), None)]
                )
        assert await store.get([RowKey(pk, "1"), RowKey(pk, "2")]) == [None, None]

    async def test_what_is_stored_is_nobodys_to_change(self, store: RowStore, pk: str) -> None:
        tags = ["a"]
        await store.commit([Put(thing(pk, tags=tags), None)])
        tags.append("b")
        for _ in range(2):
            (found,) = await store.get([RowKey(pk, "1")])
            assert found is not None
            assert found.attributes == {"tags": ["a"]}
            found.attributes["tags"].append("c")

    async def test_many_keys_are_answered_in_their_order_with_gaps_and_repeats(
        self, store: RowStore, pk: str
    ) -> None:
        rows = [thing(pk, f"{number:03}", number=number) for number in range(0, 250, 2)]
        for first in range(0, len(rows), 100):
            await store.commit([Put(row, None) for row in rows[first : first + 100]])
        asked = [RowKey(pk, f"{number:03}") for number in (*reversed(range(250)), 4, 4, 5)]
        there = {row.key: row for row in rows}
        assert await store.get(asked) == [there.get(key) for key in asked]
        assert await store.get([]) == []

    async def test_many_large_rows_are_answered_too(self, store: RowStore, pk: str) -> None:
        rows = [thing(pk, f"{number:02}", text=f"{number:02}" * 190_000) for number in range(45)]
        for first in range(0, len(rows), 9):
            await store.commit([Put(row, None) for row in rows[first : first + 9]])
        assert await store.get([row.key for row in rows]) == rows
        assert await store.query(Query(pk)) == rows

    # Versions

    async def test_a_new_row_needs_an_empty_place(self, store: RowStore, pk: str) -> None:
        row = thing(pk, title="first")
        await store.commit([Put(row, None)])
        await is_stale(store, [Put(thing(pk, title="second"), None)], {row.key: row})

    async def test_a_new_row_over_a_tombstone_is_handed_the_tombstone(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(thing(pk), None)])
        await store.commit([Put(tombstone(pk), 1)])
        await is_stale(store, [Put(thing(pk), None)], {RowKey(pk, "1"): tombstone(pk)})
        await store.commit([Put(thing(pk, version=3), 2)])
        assert await store.get([RowKey(pk, "1")]) == [thing(pk, version=3)]

    async def test_a_version_that_is_gone_by_is_stale(self, store: RowStore, pk: str) -> None:
        second = thing(pk, version=2, title="second")
        await store.commit([Put(thing(pk), None)])
        await store.commit([Put(second, 1)])
        await is_stale(store, [Put(thing(pk, version=2), 1)], {second.key: second})

    async def test_a_row_that_is_not_there_has_no_version(self, store: RowStore, pk: str) -> None:
        await is_stale(store, [Put(thing(pk, version=2), 1)], {RowKey(pk, "1"): None})

    async def test_of_fifty_writes_of_one_version_one_wins(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(thing(pk), None)])

        async def write(number: int) -> bool:
            try:
                await store.commit([Put(thing(pk, version=2, by=number), 1)])
            except Stale as stale:
                (found,) = stale.rows.values()
                assert found is not None
                assert found.version == 2
                return False
            return True

        won = await asyncio.gather(*(write(number) for number in range(50)))
        (found,) = await store.get([RowKey(pk, "1")])
        assert won.count(True) == 1
        assert found == thing(pk, version=2, by=won.index(True))

    # Transactions

    async def test_nothing_is_written_of_a_transaction_that_fails(self, store: RowStore, pk: str) -> None:
        there = thing(pk, "there", version=5)
        await store.commit([Put(there, None), Put(tombstone(pk, "gone"), None)])
        writes: list[Write] = [
            Put(thing(pk, "new"), None),
            Put(thing(pk, "there", version=6), 4),
            Add(thing(pk, "sum"), {"n": 1}),
            Put(thing(pk, "gone"), None),
            Put(thing(pk, "missing", version=2), 1),
        ]
        stale = {there.key: there, RowKey(pk, "gone"): tombstone(pk, "gone"), RowKey(pk, "missing"): None}
        await is_stale(store, writes, stale)
        assert await store.get([RowKey(pk, "new"), RowKey(pk, "sum"), there.key]) == [None, None, there]

    async def test_an_empty_transaction_is_none(self, store: RowStore) -> None:
        await store.commit([])

    async def test_a_hundred_rows_fit(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(thing(pk, f"{number:03}"), None) for number in range(100)])
        assert len(await store.query(Query(pk, limit=200))) == 100

    async def test_a_hundred_and_one_do_not(self, store: RowStore, pk: str) -> None:
        await self.is_too_large(store, [thing(pk, f"{number:03}") for number in range(101)])

    async def test_a_row_over_400_kilobytes_does_not_fit(self, store: RowStore, pk: str) -> None:
        await self.is_too_large(store, [thing(pk, "1"), thing(pk, "2", text="x" * 400 * 1024)])
        await self.is_too_large(store, [thing(pk, "3", text="é" * 205 * 1024)])

    async def test_four_megabytes_do_not_fit(self, store: RowStore, pk: str) -> None:
        await self.is_too_large(
            store, [thing(pk, f"{number:02}", text="x" * 380_000) for number in range(12)]
        )

    async def test_a_row_twice_in_one_transaction_is_a_mistake(self, store: RowStore, pk: str) -> None:
        with pytest.raises(ValueError, match="twice"):
            await store.commit([Put(thing(pk), None), Add(thing(pk), {"n": 1})])
        assert await store.get([RowKey(pk, "1")]) == [None]

    async def test_transactions_over_the_same_rows_are_apart(self, store: RowStore, pk: str) -> None:
        async def both(number: int) -> None:
            writes: list[Write] = [
                Add(thing(pk, "a"), {"n": 1}),
                Add(thing(pk, "b"), {"n": 1}),
                Put(thing(pk, f"c{number}"), None),
            ]
            await persist(store, writes)

        await asyncio.gather(*(both(number) for number in range(20)))
        found = await store.get([RowKey(pk, "a"), RowKey(pk, "b")])
        assert [row.attributes["n"] for row in found if row] == [20, 20]

    # Discarding

    async def test_what_is_discarded_leaves_nothing(self, store: RowStore, pk: str) -> None:
        await store.commit([Put(thing(pk, f"{number:02}"), None) for number in range(30)])
        await store.discard([RowKey(pk, f"{number:02}") for number in range(29)] + [RowKey(pk, "never was")])
        assert await store.query(Query(pk)) == [thing(pk, "29")]
        await store.commit([Put(thing(pk, "00"), None)])

    async def test_discarding_nothing_or_twice_is_no_mistake(self, store: RowStore, pk: str) -> None:
        await store.discard([])
        await store.discard([RowKey(pk, "1"), RowKey(pk, "1")])

    async def is_too_large(self, store: RowStore, rows: Sequence[Row]) -> None:
        """Assert that putting these rows is refused, and none of them is there."""
        with pytest.raises(TransactionTooLarge):
            await store.commit([Put(row, None) for row in rows])
        assert await store.get([row.key for row in rows]) == [None] * len(rows)
