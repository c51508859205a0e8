"""A publisher: owns editions and their printers, which the bookshop refers to."""

from datetime import datetime
from typing import Annotated

from thestack import (
    Entity,
    Event,
    Id,
    Interface,
    Key,
    Message,
    Reader,
    Service,
    public,
    shareable,
)

service = Service("publisher")


class Product(Interface, key="id"):
    id: Id


class Edition(Entity, Product, key="id", refs=["id", Key("isbn", "language")], unique=["isbn"], allow=public):
    id: Id
    isbn: str
    language: str
    title: Annotated[str, shareable]
    weight: int


class EditionPrinted(Event, name="edition.printed", version=1):
    edition_id: Id
    copies: int
    printed_at: datetime


class PrintRequest(Message, queue="prints"):
    edition_id: Id
    copies: int


@service.query(allow=public)
async def edition(id: Id, *, editions: Reader[Edition]) -> Edition:
    return await editions.get(id)
