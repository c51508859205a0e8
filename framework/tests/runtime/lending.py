"""Lending: what is referred to by keys of every kind."""

from datetime import date
from enum import Enum
from typing import Annotated

from thestack import (
    Entity,
    Foreign,
    Id,
    Index,
    Interface,
    Key,
    Requires,
    Service,
    Store,
    Value,
    group,
    owner,
    public,
    scalar,
    signed_in,
)

service = Service("lending")
Isbn = Annotated[str, scalar("Isbn", parse=lambda text: str(text).replace("-", ""), serialize=str)]


class Shelf(Enum):
    FICTION = "f"
    FACT = "n"


class Place(Value):
    room: str
    floor: int = 0


class Lendable(Interface, refs=["id"]):
    id: Id


class Book(
    Entity,
    Lendable,
    key="id",
    refs=["id", "isbn", Key("shelf", "printed"), "place.room"],
    allow=public,
):
    id: Id
    isbn: Isbn
    shelf: Shelf
    printed: date
    place: Place
    by_isbn = Index("isbn", sort=str)
    by_shelf = Index("shelf", "printed", sort=date)
    by_room = Index("place.room", sort=str)


class Film(Entity, Lendable, key="id", allow=public):
    id: Id
    minutes: int


class Note(
    Entity,
    key="id",
    owner="reader",
    refs=["id", Key("reader", "id"), "slug", Key("page", "line")],
    unique=[Key("line", "page")],
    allow=owner | group("staff"),
):
    id: Id
    reader: Id
    slug: str
    page: int = 1
    line: int = 1
    by_slug = Index("slug", sort=str)


class Reader(Foreign, service="people", key=Key("name", "born")):
    name: str
    born: date


class Weighed(Reader):
    weight: int
    shelf: Shelf | None = None


@service.field()
async def allowance(
    reader: Reader, /, *, level: Requires[int], liked: Requires[list[Shelf]], home: Requires[Place | None]
) -> str:
    return (
        f"{reader.name} {reader.born.year} {level + 1} {[each.name for each in liked]} {home and home.room}"
    )


@service.batch_field()
async def burden(readers: list[Weighed], /) -> list[str]:
    return [
        f"{reader.weight * 2} {reader.shelf and reader.shelf.name} of {len(readers)}" for reader in readers
    ]


@service.mutation(allow=public)
async def add_book(id: Id, isbn: Isbn, shelf: Shelf, printed: date, room: str, *, books: Store[Book]) -> Book:
    place = Place(room=room)
    return await books.within(id).put(Book(id=id, isbn=isbn, shelf=shelf, printed=printed, place=place))


@service.mutation(allow=public)
async def drop_book(id: Id, *, books: Store[Book]) -> bool:
    rows = books.within(id)
    await rows.delete(await rows.get())
    return True


@service.mutation(allow=public)
async def add_film(id: Id, minutes: int, *, films: Store[Film]) -> Film:
    return await films.within(id).put(Film(id=id, minutes=minutes))


@service.mutation(allow=signed_in)
async def add_note(id: Id, slug: str, reader: Id, *, notes: Store[Note]) -> bool:
    await notes.owned_by(reader).put(Note(id=id, reader=reader, slug=slug))
    return True
