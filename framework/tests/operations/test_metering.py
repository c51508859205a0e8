"""Reading is counted as DynamoDB counts it, and nothing but reading gets through."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thestack.adapters.aws.items import item_of
from thestack.adapters.aws.store import DynamoStore
from thestack.local.emulator import Emulator
from thestack.operations.metering import (
    ENTITIES,
    UNIT,
    OnlyReads,
    ReadingClient,
    item_size,
    read_units,
    resolver,
)
from thestack.ports.store import Put, Query, Row, RowKey

sizes = st.lists(st.integers(0, 400 * 1024), min_size=1, max_size=100)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(sizes)
def test_an_eventually_consistent_read_takes_half(each: list[int]) -> None:
    assert read_units(each, consistent=False) * 2 == read_units(each, consistent=True)


@given(sizes)
def test_every_read_is_rounded_up_by_less_than_a_unit(each: list[int]) -> None:
    units = read_units(each, consistent=True)
    assert len(each) <= units
    assert sum(each) <= units * UNIT <= sum(each) + len(each) * UNIT


@given(sizes)
def test_together_takes_no_more_than_one_by_one(each: list[int]) -> None:
    assert read_units([sum(each)], consistent=True) <= read_units(each, consistent=True)


@pytest.mark.parametrize(
    ("bytes", "consistent", "units"),
    [(0, True, 1), (0, False, 0.5), (4096, True, 1), (4097, True, 2), (12_288, False, 1.5)],
)
def test_units_of_the_documentation(bytes: int, consistent: bool, units: float) -> None:
    assert read_units([bytes], consistent) == units


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"N": "27"}, 2),
        ({"N": "-461000"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": [{"S": "ab"}]}, 3 + 1 + 2),
        ({"M": {"k": {"S": "ab"}}}, 3 + 1 + 1 + 2),
    ],
)
def test_sizes_of_the_documentation(value: dict[str, Any], size: int) -> None:
    assert item_size({"name": value}) == 4 + size


@given(st.dictionaries(st.text(min_size=1, max_size=5), json_values, max_size=4), json_values)
def test_an_item_has_a_size_that_grows_with_it(attributes: dict[str, Any], more: Any) -> None:
    row = Row(RowKey("p", "s"), "Thing", 1, attributes)
    larger = Row(RowKey("p", "s"), "Thing", 1, {**attributes, "another one": more})
    assert 0 < item_size(item_of(row)) < item_size(item_of(larger))


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Any:
    """A client, and the table "things" with 150 rows of about 1 KB."""
    dynamodb = emulator.aws.client("dynamodb")
    text = {"AttributeType": "S"}
    dynamodb.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": name, **text} for name in ("pk", "sk", "Thing.by:pk", "Thing.by:sk")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "Thing.by",
                "KeySchema": [
                    {"AttributeName": "Thing.by:pk", "KeyType": "HASH"},
                    {"AttributeName": "Thing.by:sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    store = DynamoStore(dynamodb, "things")
    for chunk in (range(100), range(100, 150)):
        asyncio.run(store.commit([Put(_row(number), None) for number in chunk]))
    return dynamodb


def _row(number: int) -> Row:
    place = RowKey("things", f"{number:03}")
    return Row(place, "Thing", 1, {"text": "x" * 1000}, {"Thing.by": RowKey("all", place.sk)})


def test_a_query_is_noted_with_its_index(client: Any) -> None:
    reading = ReadingClient(client)
    found = asyncio.run(DynamoStore(reading, "things").query(Query("all", "Thing.by", low="100", limit=8)))
    (read,) = reading.reads
    assert len(found) == 8
    assert (read.operation, read.table, read.index, read.items) == ("Query", "things", "Thing.by", 8)
    assert read.key == 'pk = "all" AND sk >= "100"'
    assert (read.consistent, read.units) == (False, 1.5)  # 8.5 KB: three times 4 KB, halved
    assert 8 * 1000 < read.size < 8 * 1100


def test_a_batch_is_rounded_up_item_by_item_and_pays_for_what_is_not_there(client: Any) -> None:
    reading = ReadingClient(client)
    keys = [RowKey("things", f"{number:03}") for number in range(148, 152)]
    found = asyncio.run(DynamoStore(reading, "things").get(keys))
    (read,) = reading.reads
    assert [row is not None for row in found] == [True, True, False, False]
    assert (read.operation, read.index, read.items) == ("BatchGetItem", None, 2)
    assert (read.consistent, read.units) == (True, 4)


def test_more_keys_than_a_batch_holds_are_several_requests(client: Any) -> None:
    reading = ReadingClient(client)
    asyncio.run(DynamoStore(reading, "things").get([RowKey("things", f"{each:03}") for each in range(150)]))
    assert sorted(read.items for read in reading.reads) == [50, 100]


def test_what_is_read_belongs_to_the_resolver_that_runs(client: Any) -> None:
    reading = ReadingClient(client)
    store = DynamoStore(reading, "things")

    async def one(name: str) -> None:
        running = resolver.set(name)
        await store.get([RowKey("things", "001")])
        resolver.reset(running)

    async def several() -> None:
        await asyncio.gather(one("Query.a"), one("Query.b"))
        await store.get([RowKey("things", "002")])

    asyncio.run(several())
    assert sorted(read.resolver for read in reading.reads) == ["Query.a", "Query.b", ENTITIES]


@pytest.mark.parametrize("rows", [1, 2])
def test_nothing_is_written(client: Any, rows: int) -> None:
    store = DynamoStore(ReadingClient(client), "things")
    with pytest.raises(OnlyReads):
        asyncio.run(store.commit([Put(_row(500 + number), None) for number in range(rows)]))
    with pytest.raises(OnlyReads):
        asyncio.run(store.discard([RowKey("things", "001")]))
    assert asyncio.run(DynamoStore(client, "things").get([RowKey("things", "001")])) != [None]
