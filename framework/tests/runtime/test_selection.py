"""What is selected by keys is what reading everything would find, in the same order, by whatever pages."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thestack import (
    BadInput,
    Connection,
    Cursor,
    Entity,
    Filter,
    Id,
    Index,
    OneOf,
    Owned,
    Page,
    Range,
    Service,
    Text,
    signed_in,
)
from thestack.definition.indexes import Access
from thestack.definition.module import model_of
from thestack.runtime.selection import select
from thestack.testing import memory

service = Service("shelf")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class State(StrEnum):
    OPEN = "OPEN"
    DONE = "DONE"
    LOST = "LOST"


class Grade(Enum):
    LOW = 1
    HIGH = 2


class Item(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id
    name: str
    state: State
    size: int
    at: datetime
    grade: Grade = Grade.LOW
    by_name = Index("owner_id", "name", sort=str)
    by_time = Index("owner_id", "at", sort=datetime)
    by_grade = Index("owner_id", "grade", sort=Grade)
    by_state = Index("owner_id", "state", "size", sort=int)


class Items(Filter[Item]):
    name: Text | None = None
    state: OneOf[State] | None = None
    size: Range[int] | None = None
    at: Range[datetime] | None = None
    grade: OneOf[Grade] | None = None


@service.query(allow=signed_in)
async def items(page: Page, *, mine: Owned[Item]) -> Connection[Item]:
    return await mine.page(Item.by_name, page)


def of(low: Any, high: Any, value: Any) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


names = st.text(st.sampled_from("ab#%\x00\x01\x02\x1f é"), max_size=3)
states = st.sampled_from(State)
sizes = st.integers(-3, 3)
times = st.integers(0, 5).map(lambda days: BEGIN + timedelta(days=days))
rows = st.lists(st.tuples(names, states, sizes, times), max_size=12)
maybe = st.none


def ranges(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = {name: st.none() | values for name in ("at_least", "above", "at_most", "below")}
    return st.fixed_dictionaries(fields)


filters = st.fixed_dictionaries(
    {
        "name": maybe() | st.builds(Text, eq=maybe() | names, begins_with=maybe() | names),
        "state": maybe() | st.builds(OneOf[State], eq=maybe() | states, any_of=maybe() | st.lists(states)),
        "size": maybe() | ranges(sizes).map(lambda given: Range[int](**given)),
        "at": maybe() | ranges(times).map(lambda given: Range[datetime](**given)),
    }
).map(lambda given: Items(**given))


@st.composite
def accesses(draw: st.DrawFn) -> tuple[Access[Any, Any], Any]:
    """An access, and the same as a test and an order of rows."""
    kind = draw(st.sampled_from(["name", "time", "prefix"]))
    access: Access[Any, Any]
    if kind == "prefix":
        prefix = draw(names)
        access, admits = Item.by_name.begins_with(prefix), lambda row: row.name.startswith(prefix)
    else:
        index, field, values = (
            (Item.by_name, "name", names) if kind == "name" else (Item.by_time, "at", times)
        )
        low, high = draw(st.none() | values), draw(st.none() | values)
        access = index  # type: ignore[assignment]
        if low is not None:
            access = access.at_least(low)
        if high is not None:
            access = access.at_most(high)
        admits = lambda row: of(low, high, getattr(row, field))  # noqa: E731
    field = "at" if kind == "time" else "name"
    backwards = draw(st.booleans())
    return (access.descending() if backwards else access), (admits, field, backwards)


@settings(max_examples=250, deadline=None)
@given(rows, accesses(), st.none() | filters, st.integers(1, 4))
def test_pages_of_an_access_and_a_filter_are_what_reading_everything_finds(
    drawn: Sequence[tuple[str, State, int, datetime]], asked: Any, where: Items | None, first: int
) -> None:
    access, (admits, field, backwards) = asked
    stored = [
        Item(id=Id(f"i{number:02}"), owner_id=Id("alice"), name=name, state=state, size=size, at=at)
        for number, (name, state, size, at) in enumerate(drawn)
    ]
    expected = [row for row in stored if admits(row) and (where is None or where.admits(row))]
    expected.sort(key=lambda row: (getattr(row, field), row.id), reverse=backwards)
    assert asyncio.run(walk(stored, access, where, first)) == [row.id for row in expected]


async def walk(stored: Sequence[Item], by: Any, where: Items | None, first: int) -> list[Id]:
    """The ids on all pages, one after the other."""
    mine = memory(Item, *stored, owner="alice")
    found: list[Id] = []
    page = Page(first)
    for _ in range(len(stored) + 2):
        answer = await mine.page(by, page, where=where)
        found += [row.id for row in answer.nodes]
        if not answer.has_next_page:
            return found
        page = Page(first, answer.end_cursor)
    raise AssertionError("the pages do not end")


def selected(by: Any, where: Items | None = None) -> Any:
    return select(model_of(sys.modules[__name__]).entity("Item"), ("alice",), by, where)


def test_a_condition_on_the_sort_field_needs_no_filter_after_reading() -> None:
    where = Items(at=Range[datetime](at_least=BEGIN, at_most=BEGIN + timedelta(days=1)))
    assert selected(Item.by_time, where).where is None
    assert selected(Item.by_time, Items(name=Text(eq="a"))).where is not None


def test_what_can_hold_nothing_is_empty_without_a_read() -> None:
    where = Items(at=Range[datetime](at_most=BEGIN))
    assert selected(Item.by_time.at_least(BEGIN + timedelta(days=1)), where).is_empty


def test_only_a_text_has_a_beginning() -> None:
    with pytest.raises(TypeError, match="`at`"):
        selected(Item.by_time.begins_with("2026"))  # type: ignore[misc]
    assert selected(Item.by_name.begins_with("")).low == ""


def test_a_partition_field_is_taken_from_the_filter() -> None:
    chosen = selected(Item.by_state, Items(state=OneOf[State](eq=State.OPEN)))
    assert (chosen.partition, chosen.where) == (("alice", State.OPEN), None)


@pytest.mark.parametrize("where", [None, Items(), Items(state=OneOf[State](any_of=[State.OPEN, State.DONE]))])
def test_a_partition_that_the_filter_does_not_give_is_asked_for(where: Items | None) -> None:
    with pytest.raises(BadInput, match="`state`"):
        selected(Item.by_state, where)


async def test_one_of_several_members_of_an_enum_that_has_no_order_of_its_own() -> None:
    stored = [
        Item(
            id=Id(grade.name), owner_id=Id("alice"), name="", state=State.OPEN, size=0, at=BEGIN, grade=grade
        )
        for grade in Grade
    ]
    where = Items(grade=OneOf[Grade](any_of=[Grade.HIGH, Grade.LOW]))
    assert await walk(stored, Item.by_grade, where, 1) == ["LOW", "HIGH"]


async def test_rows_of_a_partition_that_the_filter_gives_are_listed_in_order() -> None:
    stored = [
        Item(id=Id(str(n)), owner_id=Id("alice"), name="x", state=state, size=-n, at=BEGIN)
        for n, state in enumerate([State.OPEN, State.DONE, State.OPEN, State.OPEN])
    ]
    where = Items(state=OneOf[State](eq=State.OPEN), size=Range[int](above=-3))
    assert await walk(stored, Item.by_state, where, 1) == ["2", "0"]


@pytest.mark.parametrize("by", [Item.by_name.begins_with("x" * 2000), Item.by_name.at_least("é" * 600)])
def test_what_no_key_can_hold_is_not_asked_for(by: Any) -> None:
    with pytest.raises(BadInput, match="`name`"):
        selected(by)


@pytest.mark.parametrize("cursor", ["!", "_", "gA", "eHh4" * 500])
async def test_what_is_no_cursor_is_the_clients_mistake(cursor: str) -> None:
    with pytest.raises(BadInput) as refused:
        await memory(Item, owner="alice").page(Item.by_name, Page(1, Cursor(cursor)))
    assert refused.value.field == ("after",)
