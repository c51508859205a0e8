"""What handlers may answer: values, interfaces, unions, problems as data, scalars of one's own."""

import sys
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest

from thestack import (
    Caller,
    Entity,
    Id,
    Interface,
    NotFound,
    Owned,
    Problem,
    Service,
    Value,
    deprecated,
    group,
    owner,
    public,
    scalar,
    signed_in,
    union,
    visible_to,
)
from thestack.contract import sdl
from thestack.definition.module import model_of
from thestack.testing import Harness, user

service = Service("library")
Money = Annotated[
    Decimal, scalar("Money", parse=Decimal, serialize=str, specified_by="https://example.com/m")
]


class Node(Interface):
    id: Id


class Address(Value):
    street_name: str
    zip_code: str = "0"


class Book(Entity, Node, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id
    title: Annotated[str, deprecated("use name")]
    price: Money = Decimal("1.50")
    printed_at: Address | None = None
    since: date = date(2026, 1, 1)
    cost: Annotated[int, visible_to(group("staff"))] = 1


class Author(Value):
    name: str


class TitleTaken(Problem, code="TITLE_TAKEN"):
    """There is such a book."""


Outcome = Annotated[Book | Author | TitleTaken | NotFound, union("Outcome")]


@service.mutation(allow=signed_in)
async def add_book(
    title: str, price: Money, at: Address | None = None, *, mine: Owned[Book], caller: Caller
) -> Outcome:
    if title == "raised":
        raise TitleTaken("No, no.")
    if title == "answered":
        return TitleTaken("No.")
    if title == "author":
        return Author(name="Ann")
    return await mine.put(Book(id=Id(title), owner_id=caller.id, title=title, price=price, printed_at=at))


@service.query(allow=public)
async def node(of: Id) -> Node:
    return Book(id=Id("1"), owner_id=of, title="x")


@service.field()
async def full(address: Address, /) -> str:
    return f"{address.street_name} {address.zip_code}"


@service.field(allow=owner)
async def shelf(node: Node, /) -> str:
    """Where it stands."""
    return f"shelf {node.id}"


@pytest.fixture
def harness() -> Harness:
    return Harness(sys.modules[__name__])


ADD = """mutation($title: String!, $price: Money!) {
  addBook(title: $title, price: $price, at: {streetName: "Elm"}) {
    __typename
    ... on Problem { code message }
    ... on Book { id price printedAt { streetName zipCode full } }
    ... on Author { name }
  }
}"""


async def add(harness: Harness, title: str, price: object = "2.50") -> Any:
    return await harness["library"].ask(ADD, user("alice"), title=title, price=price)


async def test_a_value_is_given_as_an_input_and_answered_with_its_computed_fields(harness: Harness) -> None:
    answer = await add(harness, "one")
    assert answer["data"]["addBook"] == {
        "__typename": "Book",
        "id": "one",
        "price": "2.50",
        "printedAt": {"streetName": "Elm", "zipCode": "0", "full": "Elm 0"},
    }


@pytest.mark.parametrize(("title", "message"), [("raised", "No, no."), ("answered", "No.")])
async def test_a_problem_of_the_union_is_data(harness: Harness, title: str, message: str) -> None:
    answer = await add(harness, title)
    told = {"__typename": "TitleTaken", "code": "TITLE_TAKEN", "message": message}
    assert answer == {"data": {"addBook": told}}


async def test_a_union_tells_its_members_apart(harness: Harness) -> None:
    assert (await add(harness, "author"))["data"]["addBook"] == {"__typename": "Author", "name": "Ann"}


async def test_what_a_scalar_does_not_parse_is_the_clients_mistake(harness: Harness) -> None:
    answer = await add(harness, "one", "much")
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_USER_INPUT"]
    assert "no Money" in answer["errors"][0]["message"]


async def test_the_rule_of_an_entity_holds_behind_an_interface(harness: Harness) -> None:
    query = "query($of: ID!) { node(of: $of) { __typename id } }"
    answer = await harness["library"].ask(query, user("alice"), of="alice")
    assert answer["data"]["node"] == {"__typename": "Book", "id": "1"}
    answer = await harness["library"].ask(query, user("bob"), of="alice")
    assert answer["data"]["node"] is None
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_field_of_an_interface_is_one_of_every_type_behind_it(harness: Harness) -> None:
    query = "query($of: ID!) { node(of: $of) { shelf ... on Book { again: shelf } } }"
    answer = await harness["library"].ask(query, user("alice"), of="alice")
    assert answer == {"data": {"node": {"shelf": "shelf 1", "again": "shelf 1"}}}


def test_the_sdl_says_it() -> None:
    text = sdl.subgraph(model_of(sys.modules[__name__]))
    for line in (
        'interface Node {\n  id: ID!\n  """\n  Where it stands.\n  """\n  shelf: String\n}',
        "type Book implements Node",
        "shelf: String\n",
        'title: String! @deprecated(reason: "use name")',
        "cost: Int\n",
        'scalar Money @specifiedBy(url: "https://example.com/m")',
        "union Outcome = Author | Book | NotFound | TitleTaken",
        "type NotFound implements Problem @shareable",
        'input AddressInput {\n  streetName: String!\n  zipCode: String! = "0"',
    ):
        assert line in text
