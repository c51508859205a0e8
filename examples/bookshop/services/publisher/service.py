"""A publisher, whose editions the bookshop sells: the other end of what crosses services."""

from typing import Annotated

from thestack import (
    Entity,
    Event,
    Id,
    Index,
    Interface,
    Key,
    Message,
    Reader,
    Service,
    Store,
    group,
    inaccessible,
    public,
    shareable,
)

service = Service("publisher")


class Printed(Interface, refs=["id"]):
    """Whatever has a title page."""

    id: Id
    title: str


class Edition(Entity, Printed, key="id", refs=["id", Key("isbn", "language")], allow=public):
    id: Id
    isbn: str
    language: str
    title: Annotated[str, shareable]
    weight: int
    plant: Annotated[str, inaccessible] = "Leipzig"
    delivery: str = "by mail"
    by_isbn = Index("isbn", "language", sort=str)


class EditionPrinted(Event, name="edition.printed", version=1):
    edition_id: Id
    copies: int


class Reprint(Message, queue="reprints"):
    edition_id: Id
    copies: int


@service.mutation(allow=group("staff"))
async def publish(
    id: Id, isbn: str, title: str, weight: int, *, editions: Store[Edition, EditionPrinted]
) -> Edition:
    edition = Edition(id=id, isbn=isbn, language="en", title=title, weight=weight)
    return await editions.within(id).put(edition, emit=EditionPrinted(edition_id=id, copies=100))


@service.query(allow=public)
async def edition(id: Id, *, editions: Reader[Edition]) -> Edition:
    return await editions.get(id)


@service.queue()
async def reprint(message: Reprint, /, *, editions: Store[Edition, EditionPrinted]) -> None:
    rows = editions.within(message.edition_id)
    edition = await rows.get()
    await rows.put(edition, emit=EditionPrinted(edition_id=edition.id, copies=message.copies))
