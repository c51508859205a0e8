"""Rows in memory, and through GraphQL."""

from dataclasses import replace
from datetime import datetime

import pytest

from thestack import TooLarge
from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.store import MemoryStore
from thestack.definition.model import ServiceModel
from thestack.runtime.collected import MOST
from thestack.testing.harness import BEGIN, MemoryProfiles, Running, user

from .shelves import RowsBehaviour, Shelves, Transaction, library

ALICE = user("alice")


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    return library()


@pytest.fixture
def shelves(model: ServiceModel) -> Shelves:
    return Shelves(model, MemoryStore())


@pytest.fixture
def running(model: ServiceModel) -> Running:
    return Running(model, FixedClock(BEGIN), MemoryMailer(), MemoryProfiles())


class TestRowsInMemory(RowsBehaviour):
    """Everything that rows do."""


async def test_a_row_older_than_the_constraint_is_deleted_without_harm_to_another(
    model: ServiceModel,
) -> None:
    members = model.entity("Member")
    free = replace(model, entities=(replace(members, unique=()),))
    before = Shelves(free, MemoryStore())
    await before.put(before.member("1", "a@x"))
    now = Shelves(model, before.ports.store)
    now.scope = before.scope
    await now.put(now.member("2", "a@x"))
    async with now.transaction() as transaction:
        await transaction.of("Member").delete(await transaction.of("Member").get("1"))
    transaction = Transaction(now)
    await transaction.of("Member").put(now.member("3", "a@x"))
    with pytest.raises(Exception, match="Another Member has this email"):
        await transaction.unit.commit()


async def test_the_markers_of_unique_values_count_as_writes(shelves: Shelves) -> None:
    async with shelves.transaction() as now:
        for number in range(50):
            await now.of("Member").put(shelves.member(str(number), f"{number}@x"))
    transaction = Transaction(shelves)
    for number in range(51, 102):
        await transaction.of("Member").put(shelves.member(str(number), f"{number}@x"))
    with pytest.raises(TooLarge):
        await transaction.unit.commit()


async def test_a_partition_is_not_collected_without_bound(shelves: Shelves) -> None:
    for first in range(0, MOST + 1, 100):
        async with shelves.transaction() as now:
            for number in range(first, min(first + 100, MOST + 1)):
                await now.of("Line", "o").put(shelves.types.Line(order_id="o", number=number))
    async with shelves.transaction() as now:
        with pytest.raises(TooLarge):
            await now.collect("Order", "Line").within("o")


async def test_a_taken_value_is_told_by_its_code_and_field(running: Running) -> None:
    join = 'mutation ($id: ID!) { join(id: $id, email: "a@x") { id } }'
    assert (await running.ask(join, ALICE, id="1"))["data"] == {"join": {"id": "1"}}
    (error,) = (await running.ask(join, ALICE, id="2"))["errors"]
    assert error["message"] == "Another Member has this email."
    assert error["extensions"]["code"] == "TAKEN"
    assert error["extensions"]["field"] == ["email"]


async def test_what_a_deletion_says_leaves_with_the_released_value(running: Running) -> None:
    await running.ask('mutation { join(id: "1", email: "a@x") { id } }', ALICE)
    await running.ask('mutation { leave(id: "1") { id } }', ALICE)
    assert [each.data for each in await running.said("member.left")] == [{"member_id": "1"}]
    again = await running.ask('mutation { join(id: "2", email: "a@x") { id } }', ALICE)
    assert again["data"] == {"join": {"id": "2"}}


async def test_the_answer_of_a_mutation_shows_its_stamps(running: Running) -> None:
    write = 'mutation { writeNote(id: "1", slug: "x") { createdAt updatedAt } }'
    found = (await running.ask(write, ALICE))["data"]["writeNote"]
    assert {datetime.fromisoformat(each) for each in found.values()} == {BEGIN}


async def test_a_collection_answers_a_query(running: Running) -> None:
    asked = await running.ask('{ basket(orderId: "o") { number } }', ALICE)
    assert asked == {"data": {"basket": []}}
