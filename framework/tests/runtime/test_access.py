"""Who may read what: rules of rows, with the row in hand, and of single fields."""

import sys
from typing import Annotated, Any

import pytest

from thestack import (
    Caller,
    Connection,
    Entity,
    Id,
    Key,
    Owned,
    Page,
    Reader,
    Service,
    Store,
    Value,
    group,
    owner,
    public,
    signed_in,
    tenant,
    visible_to,
    when,
)
from thestack.definition.module import model_of
from thestack.definition.rules import Denied, SignedIn, entails
from thestack.runtime.scope import Scope
from thestack.testing import Harness, user

service = Service("press")
STAFF = user("sam", "staff")


def is_published(book: "Book", caller: Caller | None) -> bool:
    return book.published


def is_reviewer(book: "Book", caller: Caller | None) -> bool:
    if book.title == "broken":
        raise KeyError("reviewers")
    return caller is not None and caller.id in book.reviewers


class Royalties(Value):
    percent: Annotated[int, visible_to(group("staff"))]
    currency: str = "EUR"


class Book(Entity, key="id", owner="author_id", allow=owner | when(is_published) | when(is_reviewer)):
    id: Id
    author_id: Id
    title: str
    reviewers: list[Id]
    published: bool = False
    advance: Annotated[int, visible_to(owner | group("staff"))] = 0
    notes: Annotated[str, visible_to(when(is_reviewer))] = "fine"
    royalties: Royalties = Royalties(percent=7)


class Press(Entity, key=Key("city", "id"), allow=tenant("acme") & signed_in):
    city: str
    id: Id


@service.mutation(allow=signed_in)
async def write(
    title: str, published: bool, reviewers: list[Id], *, mine: Owned[Book], caller: Caller
) -> Book:
    book = Book(
        id=Id(title),
        author_id=caller.id,
        title=title,
        published=published,
        reviewers=reviewers,
        advance=500,
    )
    return await mine.put(book)


@service.query(allow=public)
async def book(id: Id, *, books: Reader[Book]) -> Book:
    return await books.get(id)


@service.query(allow=signed_in)
async def my_books(page: Page, *, mine: Owned[Book]) -> Connection[Book]:
    return await mine.page(None, page)


@service.field(allow=owner)
async def secret_title(book: Book, /) -> str:
    return f"{book.title}!"


@service.mutation(allow=signed_in)
async def open_press(city: str, id: Id, *, presses: Store[Press]) -> bool:
    await presses.within(city).put(Press(city=city, id=id))
    return True


@service.query(allow=tenant("acme"))
async def press(city: str, id: Id, *, presses: Store[Press]) -> Press:
    return await presses.within(city).get(id)


ALICE, BOB, NOBODY = user("alice"), user("bob"), Scope("main")


@pytest.fixture
def harness() -> Harness:
    return Harness(model_of(sys.modules[__name__]))


async def ask(harness: Harness, query: str, scope: Scope) -> dict[str, Any]:
    return await harness["press"].ask(query, scope)


async def write_book(harness: Harness, title: str, published: bool, reviewers: str = "[]") -> dict[str, Any]:
    given = f'title: "{title}", published: {str(published).lower()}, reviewers: {reviewers}'
    return await ask(harness, f"mutation {{ write({given}) {{ id advance notes }} }}", ALICE)


def referred(id: str) -> str:
    return f'{{__typename: "Book", id: "{id}"}}'


def codes(answer: dict[str, Any]) -> dict[str, str]:
    """The code of each error, by the path that it is at."""
    return {".".join(map(str, each["path"])): each["extensions"]["code"] for each in answer["errors"]}


async def test_a_test_of_the_row_lets_others_in(harness: Harness) -> None:
    await write_book(harness, "draft", False, '["bob"]')
    await write_book(harness, "out", True)
    for scope, id, found in (
        (BOB, "draft", True),
        (NOBODY, "draft", False),
        (user("carol"), "draft", False),
        (NOBODY, "out", True),
    ):
        answer = await ask(harness, f'{{ book(id: "{id}") {{ title }} }}', scope)
        assert (answer["data"]["book"] is not None) is found, (scope, id)
        entities = f"{{ _entities(representations: [{referred(id)}]) {{ ... on Book {{ title }} }} }}"
        answer = await ask(harness, entities, scope)
        assert (answer["data"]["_entities"][0] is not None) is found, (scope, id)


async def test_a_test_that_raises_lets_nobody_in_and_is_noted(harness: Harness) -> None:
    await write_book(harness, "broken", False, '["bob"]')
    scope = Scope("main", BOB.caller)
    answer = await ask(harness, '{ book(id: "broken") { title } }', scope)
    assert answer["data"] == {"book": None}
    assert codes(answer) == {"book": "NOT_FOUND"}
    assert [repr(each) for each in scope.journal.failures] == ["KeyError('reviewers')"]


async def test_a_field_that_may_not_be_read_is_null_and_its_siblings_unharmed(harness: Harness) -> None:
    await write_book(harness, "out", True)
    query = '{ book(id: "out") { title advance notes secretTitle royalties { percent currency } } }'
    rest = {"title": "out", "notes": None}
    answer = await ask(harness, query, BOB)
    assert answer["data"]["book"] == {
        **rest,
        "advance": None,
        "secretTitle": None,
        "royalties": {"percent": None, "currency": "EUR"},
    }
    assert codes(answer) == dict.fromkeys(
        ("book.advance", "book.notes", "book.secretTitle", "book.royalties.percent"), "FORBIDDEN"
    )
    assert set(codes(await ask(harness, query, NOBODY)).values()) == {"UNAUTHENTICATED"}
    answer = await ask(harness, query, ALICE)
    assert answer["data"]["book"]["advance"] == 500
    assert answer["data"]["book"]["secretTitle"] == "out!"
    answer = await ask(harness, query, STAFF)
    assert answer["data"]["book"] == {
        **rest,
        "advance": 500,
        "secretTitle": None,
        "royalties": {"percent": 7, "currency": "EUR"},
    }


@pytest.mark.parametrize(
    "query",
    [
        'mutation { write(title: "x", published: true, reviewers: []) { title notes } }',
        "{ myBooks { nodes { title notes } edges { node { notes } } } }",
        '{ _entities(representations: [{__typename: "Book", id: "out"}]) { ... on Book { title notes } } }',
    ],
)
async def test_a_field_is_restricted_on_every_path(harness: Harness, query: str) -> None:
    await write_book(harness, "out", True)
    answer = await ask(harness, query, ALICE)
    assert set(codes(answer).values()) == {"FORBIDDEN"}
    assert all(path.endswith("notes") for path in codes(answer))


async def test_a_tenant_is_its_users(harness: Harness) -> None:
    acme = user("alice", tenant="acme")
    await ask(harness, 'mutation { openPress(city: "Bonn", id: "1") }', acme)
    query = '{ press(city: "Bonn", id: "1") { id } }'
    assert (await ask(harness, query, acme))["data"]["press"] == {"id": "1"}
    assert codes(await ask(harness, query, BOB)) == {"press": "FORBIDDEN"}
    assert codes(await ask(harness, query, NOBODY)) == {"press": "UNAUTHENTICATED"}


@pytest.mark.parametrize(
    ("rule", "other", "entailed"),
    [
        (group("staff"), group("staff"), True),
        (group("staff"), signed_in, True),
        (group("staff"), group("root"), False),
        (signed_in, group("staff"), False),
        (group("staff") & signed_in, group("staff"), True),
        (group("staff") | signed_in, group("staff"), False),
        (group("staff") | group("root"), signed_in, True),
        (group("staff"), group("root") | group("staff"), True),
        (group("root") | group("staff"), group("staff") | group("root"), True),
        (group("root") & tenant("a"), tenant("a") & group("root"), True),
        (signed_in, public, True),
        (public, signed_in, False),
        (Denied(), owner, True),
        (when(is_published), when(is_published), True),
    ],
)
def test_what_a_rule_entails(rule: Any, other: Any, entailed: bool) -> None:
    assert entails(rule, other) is entailed


def test_a_rule_is_shown_as_it_is_written() -> None:
    rule = (owner | group("staff")) & tenant("acme") | when(is_published) | public
    assert str(rule) == '(owner | group("staff")) & tenant("acme") | when(is_published) | public'
    assert str(SignedIn()) == "signed_in"
