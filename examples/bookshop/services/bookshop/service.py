"""A bookshop that uses every construct of the language. docs/definition.md takes them one by one."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from thestack import (
    Caller,
    Counter,
    Entity,
    Event,
    Foreign,
    ForeignEvent,
    ForeignMessage,
    Function,
    Id,
    Index,
    Interface,
    Key,
    Message,
    Service,
    Value,
    created,
    deprecated,
    directive,
    group,
    owner,
    public,
    scalar,
    tag,
    tenant,
    updated,
    visible_to,
    when,
)  # fmt: skip

service = Service("bookshop", page=(10, 50), function=Function(memory=768, environment={"CURRENCY": "EUR"}))
audited = directive("directive @audited(level: Int!) on OBJECT", url="https://thestack.example/audited/v1.0")
Money = Annotated[Decimal, scalar("Money", parse=Decimal, serialize=str, description="An amount, as text.")]
Title = Annotated[str, Field(min_length=1, max_length=200)]


class Genre(StrEnum):
    NOVEL = "NOVEL"
    ESSAY = "ESSAY"


class Named(Interface):
    name: str


class Address(Value):
    street: str
    city: str


class Edition(Foreign, service="publisher"):
    id: Id


class TitledEdition(Edition):  # a view: what answers it also provides the title
    title: str


class Author(Entity, Named, key="id", allow=public, directives=[audited({"level": 1})]):
    id: Id
    name: str
    books: Counter = 0


def is_listed(book: "Book", caller: Caller | None) -> bool:
    return book.listed


class Book(Entity, Named, key="id", owner="seller_id", allow=owner | group("staff") | when(is_listed),
           unique=[Key("seller_id", "name")], soft_delete=True):  # fmt: skip
    """A book that somebody sells."""

    id: Id
    seller_id: Id
    name: Title
    genre: Genre
    price: Money
    listed: bool = True
    edition: TitledEdition | None = None
    ships_from: Address | None = None
    cost: Annotated[Money | None, visible_to(owner | tenant("audit")), tag("internal")] = None
    isbn: Annotated[str | None, deprecated("ask its edition")] = None
    created_at: datetime = created()
    updated_at: datetime = updated()
    by_age = Index("seller_id", "created_at", sort=datetime)
    by_name = Index("seller_id", "name", sort=str, local=True)
    by_genre = Index("seller_id", "genre", "created_at", sort=datetime)


class Order(Entity, key=Key("buyer_id", "number"), allow=group("staff")):
    buyer_id: Id
    number: int
    total: Money


class Line(Entity, key=Key("buyer_id", "place"), beside=Order, allow=group("staff")):
    buyer_id: Id
    place: str
    book_id: Id


class Basket(Entity, key="id", owner="id", expires="gone_at"):
    id: Id
    gone_at: datetime


class BookSold(Event, name="book.sold", version=2):
    book_id: Id
    seller_id: Id
    genre: Genre
    copies: int


class BookSoldV1(Event, name="book.sold", version=1):
    book_id: Id
    seller_id: Id


class EditionPrinted(ForeignEvent, name="edition.printed", version=1, source="publisher"):
    edition_id: Id
    copies: int


class SendEmail(ForeignMessage, service="notifications", queue="email"):
    to_user: Id
    about: Id
    subject: str
    text: str


class Pack(Message, queue="packing", group="buyer_id"):  # in order for each buyer
    buyer_id: Id
    book_id: Id


class Remind(Message, queue="reminders", delay=timedelta(seconds=1)):
    to_user: Id
    book_id: Id
