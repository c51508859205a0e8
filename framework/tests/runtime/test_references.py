"""`_entities`: every key finds its row, and each reference has its own answer."""

from typing import Any

import pytest

from thestack.contract import sdl
from thestack.definition.load import load
from thestack.testing.harness import ANONYMOUS, Harness, Running, user

from .conftest import HERE

ALICE, BOB, STAFF = user("alice"), user("bob"), user("sam", "staff")
ENTITIES = """query ($r: [_Any!]!) { _entities(representations: $r) {
  __typename
  ... on Book { id }
  ... on Film { minutes }
  ... on Note { slug }
} }"""
BOOK = """mutation($id: ID!, $isbn: Isbn!, $shelf: Shelf!, $printed: Date!, $room: String!) {
  addBook(id: $id, isbn: $isbn, shelf: $shelf, printed: $printed, room: $room) { id }
}"""


@pytest.fixture
async def library() -> Running:
    loaded = load(HERE / "lending.py", HERE)
    assert loaded.model, loaded.diagnostics
    running = Harness(loaded.model)["lending"]
    for id, shelf in (("1", "FICTION"), ("2", "FACT")):
        book = {"isbn": f"978-{id}", "shelf": shelf, "printed": f"200{id}-01-31", "room": f"room {id}"}
        await running.ask(BOOK, ALICE, id=id, **book)
    await running.ask('mutation { addFilm(id: "f", minutes: 90) { id } }', ALICE)
    await running.ask('mutation { addNote(id: "n", slug: "mine", reader: "alice") }', ALICE)
    return running


async def refer(library: Running, *representations: dict[str, Any], scope: Any = ALICE) -> dict[str, Any]:
    return await library.ask(ENTITIES, scope, r=list(representations))


def book(**fields: Any) -> dict[str, Any]:
    return {"__typename": "Book", **fields}


@pytest.mark.parametrize(
    "key",
    [
        {"id": "2"},
        {"id": 2},
        {"isbn": "978-2"},
        {"isbn": "9782"},
        {"shelf": "FACT", "printed": "2002-01-31"},
        {"place": {"room": "room 2"}},
        {"id": "2", "isbn": "something else"},
        {"id": None, "isbn": "978-2"},
    ],
    ids=str,
)
async def test_every_key_finds_the_row(library: Running, key: dict[str, Any]) -> None:
    assert await refer(library, book(**key)) == {"data": {"_entities": [{"__typename": "Book", "id": "2"}]}}


async def test_types_keys_and_the_missing_are_answered_in_order(library: Running) -> None:
    answer = await refer(
        library,
        {"__typename": "Film", "id": "f"},
        book(isbn="978-2"),
        book(id="9"),
        book(id="1"),
        {"__typename": "Film", "id": "g"},
        book(isbn="none"),
        book(id="1"),
        book(id="2"),
    )
    first, second = {"__typename": "Book", "id": "1"}, {"__typename": "Book", "id": "2"}
    film = {"__typename": "Film", "minutes": 90}
    assert answer == {"data": {"_entities": [film, second, None, first, None, None, first, second]}}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (book(shelf="FACT"), "`id` or `isbn` or `shelf printed` or `place { room }`"),
        (book(), "A representation of Book needs"),
        (book(shelf="POETRY", printed="2002-01-31"), "`shelf` of the representation is no Shelf."),
        (book(shelf="FACT", printed="yesterday"), "`printed` of the representation is no Date."),
        (book(id=["1"]), "`id` of the representation is no ID."),
        (book(place="room 1"), "A representation of Book needs"),
        ({"__typename": "Nothing", "id": "1"}, "`Nothing` is no entity of the subgraph lending."),
        ({"id": "1"}, "is no entity"),
        ({"__typename": "Reader", "name": "Ann"}, "`Reader.born` of the representation is missing."),
    ],
)
async def test_a_wrong_representation_is_an_error_of_its_own(
    library: Running, wrong: dict[str, Any], says: str
) -> None:
    answer = await refer(library, book(id="1"), wrong, book(id="2"))
    assert [each and each["id"] for each in answer["data"]["_entities"]] == ["1", None, "2"]
    (error,) = answer["errors"]
    assert says in error["message"]
    assert (error["path"], error["extensions"]["code"]) == (["_entities", 1], "BAD_USER_INPUT")


async def test_a_row_that_cannot_be_read_is_no_error_of_the_others(library: Running) -> None:
    rows = library.store._rows  # type: ignore[attr-defined]
    spoiled = next(key for key, row in rows.items() if row.kind == "Book" and row.attributes["id"] == "1")
    rows[spoiled].attributes["shelf"] = "no shelf"
    answer = await refer(library, book(id="2"), book(id="1"), book(isbn="978-1"))
    assert [each and each["id"] for each in answer["data"]["_entities"]] == ["2", None, None]
    assert [error["path"] for error in answer["errors"]] == [["_entities", 1], ["_entities", 2]]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"INTERNAL_SERVER_ERROR"}


async def test_a_deleted_row_is_missing_by_every_key(library: Running) -> None:
    await library.ask('mutation { dropBook(id: "1") }', ALICE)
    answer = await refer(library, book(id="1"), book(isbn="978-1"), book(place={"room": "room 1"}))
    assert answer == {"data": {"_entities": [None, None, None]}}


async def test_an_interface_is_whichever_of_its_types_has_the_key(library: Running) -> None:
    answer = await refer(library, *({"__typename": "Lendable", "id": id} for id in ("f", "1", "none")))
    assert answer["data"]["_entities"] == [
        {"__typename": "Film", "minutes": 90},
        {"__typename": "Book", "id": "1"},
        None,
    ]


@pytest.mark.parametrize(
    "key", [{"id": "n"}, {"reader": "alice", "id": "n"}, {"slug": "mine"}, {"line": 1, "page": 1}], ids=str
)
async def test_the_rule_of_an_entity_holds_by_every_key(library: Running, key: dict[str, Any]) -> None:
    for scope, seen in ((ALICE, True), (STAFF, True), (BOB, False), (ANONYMOUS, False)):
        answer = await refer(library, {"__typename": "Note", **key}, scope=scope)
        assert answer["data"]["_entities"] == [{"__typename": "Note", "slug": "mine"} if seen else None]


async def test_unique_values_find_their_rows_and_no_other_values_do(library: Running) -> None:
    notes = [{"__typename": "Note", "line": line, "page": 1} for line in (2, 1, 1)]
    found = {"__typename": "Note", "slug": "mine"}
    assert (await refer(library, *notes))["data"]["_entities"] == [None, found, found]


READERS = """query ($r: [_Any!]!) { _entities(representations: $r) { ... on Reader { allowance burden } } }"""


async def readers(library: Running, *others: dict[str, Any]) -> dict[str, Any]:
    said = {"__typename": "Reader", "name": "Ann", "born": "2000-02-29"}
    return await library.ask(READERS, ALICE, r=[{**said, **each} for each in others])


async def test_what_a_field_requires_comes_in_the_representation(library: Running) -> None:
    answer = await readers(
        library,
        {"level": 4, "liked": ["FACT"], "home": {"room": "12", "floor": 3}, "weight": 70, "shelf": "FACT"},
        {"level": 0, "liked": [], "home": None, "weight": 80},
    )
    assert answer["data"]["_entities"] == [
        {"allowance": "Ann 2000 5 ['FACT'] 12", "burden": "140 FACT of 2"},
        {"allowance": "Ann 2000 1 [] None", "burden": "160 None of 2"},
    ]


async def test_a_required_value_that_is_missing_fails_its_field_alone(library: Running) -> None:
    answer = await readers(library, {"liked": [], "weight": 70}, {"level": 1, "liked": [], "weight": "much"})
    assert answer["data"]["_entities"] == [
        {"allowance": None, "burden": "140 None of 1"},
        {"allowance": "Ann 2000 2 [] None", "burden": None},
    ]
    assert sorted(error["message"] for error in answer["errors"]) == [
        "`Weighed.weight` of the representation is no Int.",
        "`level` of the representation is missing.",
    ]


async def test_the_subgraph_tells_its_own_sdl(library: Running) -> None:
    answer = await library.ask("{ _service { sdl } }", ANONYMOUS)
    assert answer == {"data": {"_service": {"sdl": sdl.subgraph(library.model)}}}
    assert "@key" in answer["data"]["_service"]["sdl"]
