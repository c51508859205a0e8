# ruff: noqa: S101 - a suite of tests asserts
"""A store does what the one in memory does, whatever is asked of it."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thestack.adapters.memory.store import MemoryStore
from thestack.ports import Add, Delete, Put, Query, Row, RowKey, RowStore, Stale, Write
from thestack.testing.conformance.rows import BY_DAY, BY_SIZE, BY_TITLE, eventually

Step = tuple[str, Any]

_places = st.sampled_from(["a", "b", "c", "é", "\x1f"])
_versions = st.none() | st.integers(1, 4)
_numbers = st.integers(-(10**20), 10**20) | st.floats(-1e9, 1e9).filter(
    lambda number: not 0 < abs(number) < 1e-9
)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_values = st.recursive(
    st.none() | st.booleans() | _numbers | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_attributes = st.dictionaries(st.sampled_from(["title", "expires", "größe", "x:pk"]), _values, max_size=3)
_indexes = st.dictionaries(st.sampled_from([BY_TITLE, BY_DAY]), st.tuples(_places, _places), max_size=2)
_local = st.dictionaries(st.just(BY_SIZE), _places)
_moments = st.none() | st.integers(4_000_000_000, 4_000_000_003)
_put = st.tuples(
    st.just("put"),
    _places,
    _versions,
    st.integers(1, 5),
    _attributes,
    _indexes,
    st.booleans(),
    _local,
    _moments,
)
_add = st.tuples(
    st.just("add"),
    _places,
    st.dictionaries(st.sampled_from(["n", "m"]), st.integers(-9, 9)),
    _attributes,
    _indexes,
    _local,
    _moments,
    st.sets(st.sampled_from(["title", "größe"])),
)
_delete = st.tuples(st.just("delete"), _places, st.integers(1, 4))
_write = _put | _add | _delete
_bounds = st.none() | _places | st.just("")
_indexed = st.sampled_from([None, BY_TITLE, BY_DAY, BY_SIZE])
_query = st.tuples(
    st.sampled_from([None, BY_TITLE, BY_DAY, BY_SIZE]),
    _places,
    _bounds,
    _bounds,
    st.booleans(),
    st.integers(1, 4),
)
_step: st.SearchStrategy[Step] = st.one_of(
    st.tuples(
        st.just("commit"), st.lists(_write, min_size=1, max_size=4, unique_by=lambda write: str(write[1]))
    ),
    st.tuples(st.just("discard"), st.lists(_places, max_size=2)),
    st.tuples(st.just("query"), _query),
)


class StoreAgreement:
    """Inherit and give the fixture `store`, as for `StoreConformance`.

    Not for coroutines: hypothesis calls the test many times, and each call has a loop of its own.
    """

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(_step, min_size=1, max_size=12))
    def test_it_does_what_the_one_in_memory_does(self, store: RowStore, steps: list[Step]) -> None:
        asyncio.run(_compare(MemoryStore(), store, f"main#Agreement#{uuid4()}", steps))


async def _compare(model: RowStore, store: RowStore, pk: str, steps: Sequence[Step]) -> None:
    touched: set[RowKey] = set()
    for verb, content in steps:
        if verb == "commit":
            writes = [_write_of(pk, each) for each in content]
            touched |= {write.key for write in writes}
            assert await _commit(store, writes) == await _commit(model, writes)
        elif verb == "discard":
            keys = [RowKey(pk, place) for place in content]
            await store.discard(keys)
            await model.discard(keys)
        else:
            index, place, low, high, forward, limit = content
            local = index == BY_SIZE
            partition = pk if index is None or local else f"{pk}#{place}"
            query = Query(partition, index, low, high, forward, limit, local)
            expected = await model.query(query)
            places = {row.place(index) for row in expected}
            if index is None or (local and len(places) == len(expected) < limit):
                assert await store.query(query) == expected
            elif not local and len(places) == len(expected) < limit:
                await eventually(lambda query=query: store.query(query), expected)  # type: ignore[misc]
        keys = sorted(touched)
        assert await store.get(keys) == await model.get(keys)


def _write_of(pk: str, drawn: Any) -> Write:
    verb, place, *rest = drawn
    if verb == "delete":
        return Delete(RowKey(pk, place), *rest)
    if verb == "put":
        expect, version, attributes, indexes, gone, local, expires = rest
        row = Row(
            RowKey(pk, place),
            "Thing",
            version,
            {} if gone else attributes,
            {} if gone else _at(pk, indexes),
            gone,
            expires,
            {} if gone else local,
        )
        return Put(row, expect)
    deltas, attributes, indexes, local, now, anew = rest
    row = Row(RowKey(pk, place), "Thing", 1, attributes, _at(pk, indexes), local=local)
    return Add(row, deltas, frozenset(anew & attributes.keys()), now)


def _at(pk: str, indexes: dict[str, tuple[str, str]]) -> dict[str, RowKey]:
    return {name: RowKey(f"{pk}#{partition}", place) for name, (partition, place) in indexes.items()}


async def _commit(store: RowStore, writes: Sequence[Write]) -> object:
    """What came of it: True, or the rows in the way."""
    try:
        await store.commit(writes)
    except Stale as stale:
        return dict(stale.rows)
    return True
