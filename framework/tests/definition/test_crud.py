"""The operations that `service.crud` generates, asked as a client asks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thestack.contract import sdl
from thestack.definition.load import load_all, models
from thestack.definition.model import Capability
from thestack.testing import Harness, user

Project = Callable[[str], Path]

SHOP = '''\
"""A shop."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from thestack import (
    Counter, Entity, Foreign, Id, Index, Key, Owned, Service, Value, created, group, owner, public, signed_in,
    updated, visible_to,
)

service = Service("shop")


class State(StrEnum):
    OPEN = "OPEN"
    DONE = "DONE"


class Picture(Foreign, service="media"):
    id: Id


class Address(Value):
    street_name: str


class Entry(Entity, key="id", owner="owner_id", allow=owner | group("staff")):
    id: Id
    owner_id: Id
    title: Annotated[str, Field(max_length=5)]
    state: State = State.OPEN
    size: int = 1
    note: str | None = None
    at: Address | None = None
    picture: Picture | None = None
    cost: Annotated[int, visible_to(group("staff"))] = 7
    views: Counter = 0
    created_at: datetime = created()
    updated_at: datetime = updated()
    by_size = Index("owner_id", "size", sort=int)
    by_cost = Index("owner_id", "cost", sort=int)


class Price(Entity, key=Key("shelf", "number"), allow=public):
    shelf: str
    number: int
    cents: int = 0


service.crud(Entry, allow=signed_in)
service.crud(Price, allow=group("staff"))
'''


@pytest.fixture
def shop(project: Project) -> Harness:
    root = project(SHOP)
    loaded = load_all(root)
    # The only mistake is that the picture's service is not there.
    assert {each.code for one in loaded for each in one.diagnostics} <= {"S0606"}
    assert loaded[0].draft
    return Harness(loaded[0].draft)


async def ask(shop: Harness, query: str, name: str = "alice", *groups: str, **variables: Any) -> Any:
    return await shop["shop"].ask(query, user(name, *groups), **variables)


CREATE = """mutation($input: CreateEntryInput!) {
  createEntry(input: $input) { id ownerId title size picture { id } }
}"""
CHANGE = """mutation($id: ID!, $input: UpdateEntryInput!) {
  updateEntry(id: $id, input: $input) { title note at { streetName } }
}"""
LIST = """query($where: EntryFilter, $order: EntryOrder, $first: Int) {
  entries(where: $where, order: $order, first: $first) { nodes { size } }
}"""


async def create(shop: Harness, **given: Any) -> Any:
    answer = await ask(shop, CREATE, input={"title": "one", **given})
    assert "errors" not in answer, answer
    return answer["data"]["createEntry"]


async def test_what_is_created_belongs_to_the_caller_and_is_got_updated_and_deleted(shop: Harness) -> None:
    made = await create(shop, pictureId="p1", at={"streetName": "Elm"})
    assert made == {**made, "ownerId": "alice", "title": "one", "size": 1, "picture": {"id": "p1"}}
    answer = await ask(shop, CHANGE, id=made["id"], input={"note": "n", "at": None})
    assert answer["data"]["updateEntry"] == {"title": "one", "note": "n", "at": None}
    answer = await ask(shop, CHANGE, "bob", id=made["id"], input={"note": "x"})
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    answer = await ask(shop, CHANGE, id=made["id"], input={"title": None})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    gone = await ask(shop, "mutation($id: ID!) { deleteEntry(id: $id) { id } }", id=made["id"])
    assert gone["data"]["deleteEntry"] == {"id": made["id"]}
    answer = await ask(shop, "query($id: ID!) { entry(id: $id) { id } }", id=made["id"])
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_constraint_of_the_entity_holds_for_the_input(shop: Harness) -> None:
    answer = await ask(shop, CREATE, input={"title": "too long"})
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": ["input", "title"]}


async def test_a_list_is_filtered_ordered_and_paged(shop: Harness) -> None:
    for size in (3, 1, 2):
        await create(shop, size=size, title=f"t{size}")

    async def sizes(**variables: Any) -> Any:
        answer = await ask(shop, LIST, **variables)
        assert "errors" not in answer, answer
        return [node["size"] for node in answer["data"]["entries"]["nodes"]]

    assert await sizes(order="SIZE_DESC") == [3, 2, 1]
    assert await sizes(order="SIZE_ASC", where={"size": {"atLeast": 2}}) == [2, 3]
    where = {"title": {"beginsWith": "t"}, "state": {"eq": "OPEN"}}
    assert await sizes(order="SIZE_ASC", where=where, first=2) == [1, 2]
    assert sorted(await sizes()) == [1, 2, 3]


async def test_rows_of_nobody_are_named_by_their_key(shop: Harness) -> None:
    put = 'mutation { createPrice(input: {shelf: "a", number: 2, cents: 5}) { number cents } }'
    assert (await ask(shop, put, "sam", "staff"))["data"]["createPrice"] == {"number": 2, "cents": 5}
    assert (await ask(shop, put))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    change = 'mutation { updatePrice(shelf: "a", number: 2, input: {cents: 6}) { cents } }'
    assert (await ask(shop, change, "sam", "staff"))["data"]["updatePrice"] == {"cents": 6}
    read = '{ price(shelf: "a", number: 2) { cents } prices(shelf: "a") { nodes { number } } }'
    answer = await ask(shop, read, "sam", "staff")
    assert answer["data"] == {"price": {"cents": 6}, "prices": {"nodes": [{"number": 2}]}}


def test_a_client_gives_nothing_that_is_not_its_to_give(shop: Harness) -> None:
    text = sdl.subgraph(shop["shop"].model)
    inputs = text[text.index("input CreateEntryInput") :]
    inputs = inputs[: inputs.index("}")]
    for absent in ("id: ", "ownerId", "cost", "views", "createdAt", "updatedAt"):
        assert f"  {absent}" not in inputs
    assert "pictureId: ID" in inputs
    condition = text[text.index("input EntryFilter") :]
    assert "cost" not in condition[: condition.index("}")]
    assert "SIZE_ASC" in text
    assert "COST_" not in text


REPLACED = """\
from thestack import Entity, Id, Owned, Service, signed_in

service = Service("shop")


class Order(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id


service.crud(Order, allow=signed_in)


@service.mutation(allow=signed_in)
async def create_order(*, mine: Owned[Order]) -> bool:
    return True
"""


def test_an_operation_that_is_written_out_takes_the_place_of_the_generated_one(project: Project) -> None:
    (model,) = models(project(REPLACED))
    made = {each.graphql: each for each in model.operations}
    assert set(made) == {"order", "orders", "createOrder", "deleteOrder"}  # nothing can be changed
    assert str(made["createOrder"].returns) == "Boolean!"


def test_what_is_generated_asks_for_what_it_does_and_no_more(shop: Harness) -> None:
    asked = {
        each.graphql: {dependency.capability for dependency in each.handler.dependencies}
        for each in shop["shop"].model.operations
    }
    assert asked["entry"] == {Capability.READER}
    assert asked["entries"] == {Capability.OWNED}
    assert asked["createEntry"] == {Capability.OWNED, Capability.CALLER}
    assert asked["prices"] == {Capability.STORE}
