"""Rows of an entity do on AWS what they do in memory, whatever is done with them."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework.tests.adapters.emulator import Emulator
from framework.tests.adapters.tables import create_table
from thestack import (
    Connection,
    Entity,
    Filter,
    Id,
    Index,
    Key,
    OneOf,
    Owned,
    Page,
    Problem,
    Range,
    Service,
    Text,
    signed_in,
)
from thestack.adapters.aws.store import DynamoStore
from thestack.adapters.memory.store import MemoryStore
from thestack.definition.model import Capability, DependencyModel
from thestack.definition.module import model_of
from thestack.ports import RowStore
from thestack.runtime.ports import Ports
from thestack.runtime.rows import PartitionRows
from thestack.runtime.scope import Scope
from thestack.runtime.unit_of_work import UnitOfWork
from thestack.testing import fixed_clock
from thestack.testing.circumstances import caller

pytestmark = pytest.mark.aws
service = Service("inventory")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class State(StrEnum):
    NEW = "NEW"
    OLD = "OLD"


class Item(Entity, key="id", owner="owner_id", unique=[Key("owner_id", "name")], soft_delete=True):
    id: Id
    owner_id: Id
    name: str
    state: State
    size: int
    at: datetime
    note: str | None = None
    by_time = Index("owner_id", "at", sort=datetime)
    by_state = Index("owner_id", "state", "size", sort=int)
    by_note = Index("owner_id", "note", sort=str, sparse=True)
    by_name = Index("owner_id", "name", sort=str, local=True)


class Items(Filter[Item]):
    name: Text | None = None
    state: OneOf[State] | None = None
    size: Range[int] | None = None


@service.query(allow=signed_in)
async def items(page: Page, *, mine: Owned[Item]) -> Connection[Item]:
    return await mine.page(Item.by_time, page)


@pytest.fixture(scope="module")
def dynamo_store(emulator: Emulator) -> DynamoStore:
    entity = model_of(sys.modules[__name__]).entity("Item")
    everywhere = [index.name for index in entity.all_indexes if not index.local]
    local = [index.name for index in entity.all_indexes if index.local]
    return DynamoStore(
        emulator.client("dynamodb"), create_table(emulator, f"items-{uuid4()}", everywhere, local)
    )


@dataclass
class World:
    """A store, with transactions of one user's rows on it."""

    store: RowStore
    tenant: str

    async def transact(self, *work: Callable[[PartitionRows], Awaitable[Any]]) -> str:
        """Several units of work that all read before any commits; what became of each."""
        units = [self.unit() for _ in work]
        outcomes: list[str] = []
        for (_, rows), do in zip(units, work, strict=True):
            outcomes.append(await attempt(do(rows)))
        for number, (unit, _) in enumerate(units):
            if outcomes[number] == "ok":
                outcomes[number] = await attempt(unit.commit())
        return " ".join(outcomes)

    def unit(self) -> tuple[UnitOfWork, PartitionRows]:
        model = model_of(sys.modules[__name__])
        scope = Scope(self.tenant, caller("alice", tenant=self.tenant))
        unit = UnitOfWork(model, Ports(self.store, fixed_clock()), scope)
        mine = DependencyModel("mine", Capability.OWNED, "Item")
        return unit, PartitionRows(unit, model.entity("Item"), mine, ("alice",))

    async def listed(self, by: Any, where: Items | None, first: int) -> list[tuple[Any, ...]]:
        """The rows on all pages."""
        found: list[tuple[Any, ...]] = []
        page = Page(first)
        while True:
            answer = await self.unit()[1].page(by, page, where=where)
            found += [(row.id, row.name, row.state, row.size, row.note) for row in answer.nodes]
            if not answer.has_next_page:
                return found
            page = Page(first, answer.end_cursor)


async def attempt(work: Awaitable[Any]) -> str:
    try:
        await work
    except Problem as problem:
        return problem.code
    return "ok"


ids = st.sampled_from(["a", "b", "c"])
names = st.sampled_from(["x", "x#", "y\x01", "é", ""])
values = st.fixed_dictionaries(
    {
        "name": names,
        "state": st.sampled_from(State),
        "size": st.integers(-2, 2),
        "at": st.integers(0, 3).map(lambda days: BEGIN + timedelta(days=days)),
        "note": st.none() | names,
    }
)
change = st.one_of(
    st.tuples(st.just("put"), ids, values),
    st.tuples(st.just("change"), ids, values),
    st.tuples(st.just("delete"), ids, st.none()),
    st.tuples(st.just("restore"), ids, st.none()),
)
where = st.none() | st.fixed_dictionaries(
    {
        "name": st.none() | st.builds(Text, eq=st.none(), begins_with=names),
        "state": st.none() | st.builds(OneOf[State], eq=st.sampled_from(State), any_of=st.none()),
        "size": st.none() | st.integers(-2, 2).map(lambda least: Range[int](at_least=least)),
    }
).map(lambda given: Items(**given))
access = st.sampled_from(
    [
        None,
        Item.by_time,
        Item.by_time.descending(),
        Item.by_time.at_least(BEGIN + timedelta(days=1)),
        Item.by_note,
        Item.by_name,
        Item.by_name.begins_with("x"),
    ]
)
step = st.one_of(
    st.tuples(st.just("transact"), st.lists(change, min_size=1, max_size=2)),
    st.tuples(st.just("list"), st.tuples(access, where, st.integers(1, 3))),
)


def work_of(drawn: tuple[str, str, Any]) -> Callable[[PartitionRows], Awaitable[Any]]:
    verb, id, given = drawn

    async def work(rows: PartitionRows) -> None:
        match verb:
            case "put":
                await rows.put(Item(id=Id(id), owner_id=Id("alice"), **given))
            case "change":
                row = await rows.get(id)
                for name, value in given.items():
                    setattr(row, name, value)
                await rows.put(row)
            case "delete":
                await rows.delete(await rows.get(id))
            case _:
                await rows.restore(id)

    return work


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=1, max_size=10))
def test_rows_on_aws_do_what_rows_in_memory_do(
    dynamo_store: DynamoStore, steps: Sequence[tuple[str, Any]]
) -> None:
    tenant = str(uuid4())
    asyncio.run(compare(World(MemoryStore(), tenant), World(dynamo_store, tenant), steps))


async def compare(expected: World, actual: World, steps: Sequence[tuple[str, Any]]) -> None:
    for verb, content in steps:
        if verb == "transact":
            work = [work_of(each) for each in content]
            assert await actual.transact(*work) == await expected.transact(*work), content
        else:
            assert await actual.listed(*content) == await expected.listed(*content), content
    for by in (None, Item.by_time, Item.by_note, Item.by_name):
        assert await actual.listed(by, None, 2) == await expected.listed(by, None, 2)
