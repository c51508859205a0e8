# ruff: noqa: F403, F405 - it uses the whole language, and imports it whole
"""A bookshop that uses every construct of the language; docs/definition.md takes them one by one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from html import escape
from typing import Annotated

from pydantic import Field
from services.bookshop.covers import covers
from services.bookshop.payments import Payments, PretendedPayments
from services.bookshop.reports import reports

from thestack import *

service = Service("bookshop", page=(10, 50), function=Function(memory=768, environment={"CURRENCY": "EUR"}))
service.include(covers, reports)
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


def is_listed(book: "Book", caller: Caller | None) -> bool:
    return book.listed


class Book(
    Entity,
    Named,
    key="id",
    owner="seller_id",
    allow=owner | group("staff") | when(is_listed),
    unique=[Key("seller_id", "name")],
    soft_delete=True,
    directives=[audited({"level": 1})],
):
    """A book that somebody sells."""

    id: Id
    seller_id: Id
    name: Annotated[Title, tag("public")]
    genre: Genre
    price: Money
    listed: bool = True
    edition: TitledEdition | None = None
    ships_from: Address | None = None
    bought_for: Annotated[Money | None, visible_to(owner | tenant("audit")), cost(5)] = None
    isbn: Annotated[str | None, deprecated("ask its edition")] = None
    created_at: datetime = created()
    updated_at: datetime = updated()
    by_age = Index("seller_id", "created_at", sort=datetime)
    by_name = Index("seller_id", "name", sort=str, local=True)
    by_genre = Index("seller_id", "genre", "created_at", sort=datetime)
    by_edition = Index("edition.id", "id", sort=str, sparse=True)


def is_buyers(order: "Order", caller: Caller | None) -> bool:
    return caller is not None and caller.id == order.buyer_id


class Order(Entity, key=Key("buyer_id", "number"), allow=signed_in & (group("staff") | when(is_buyers))):
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
    book_id: Id


class BookSold(Event, name="book.sold", version=2):
    book_id: Id
    seller_id: Id
    genre: Genre


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


class Pack(Message, queue="packing", group="buyer_id"):  # in order, for each buyer
    buyer_id: Id
    book_id: Id
    price: Money


class Remind(Message, queue="reminders", delay=timedelta(seconds=1)):
    to_user: Id
    book_id: Id


class Reprice(Patch[Book]):
    price: Money | Unset = UNSET
    ships_from: Address | Unset | None = UNSET


class Printing(Input):
    edition: Id
    title: Title


class Books(Filter[Book]):
    genre: OneOf[Genre] | None = None
    name: Text | None = None
    created_at: Range[datetime] | None = None


class Essays(Filter[BookSold]):
    genre: OneOf[Genre] | None = None


class SoldOut(Problem, code="SOLD_OUT"):
    """Nobody sells it any more."""


Bought = Annotated[Order | SoldOut, union("Bought")]
service.crud(Book, allow=signed_in, only=["get", "create", "delete"])


@service.provide(permissions=[Permission("kms:Decrypt", on=["arn:aws:kms:{region}:{account}:key/shop"])])
def payments(
    *, key: Annotated[Secret, parameter("payment-key")], salt: Annotated[Secret, secret("payment-salt")]
) -> Payments:
    return PretendedPayments(key, salt)


@service.query(
    allow=signed_in, directives=[list_size(slicing_arguments=["first"], sized_fields=["nodes", "edges"])]
)
async def shelf(page: Page, where: Books | None = None, *, mine: Owned[Book]) -> Connection[Book]:
    """The caller's books, by name."""
    return await mine.page(Book.by_name.descending(), page, where=where)


@service.query(allow=signed_in)
async def of_genre(genre: Genre, page: Page, *, mine: Owned[Book]) -> Connection[Book]:
    return await mine.page(Book.by_genre, page, where=Books(genre=OneOf[Genre](eq=genre)))


@service.mutation(allow=signed_in)
async def reprice(id: Id, input: Reprice, *, mine: Owned[Book]) -> Book:
    return await mine.put(input.apply(await mine.get(id)))


@service.mutation(allow=signed_in)
async def print_of(id: Id, input: Printing, *, mine: Owned[Book]) -> Book:
    book = await mine.get(id)
    book.edition = TitledEdition(id=input.edition, title=input.title)
    return await mine.put(book)


@service.mutation(allow=signed_in)
async def restore_book(id: Id, *, mine: Owned[Book]) -> Book:
    return await mine.restore(id)


@service.mutation(allow=signed_in)
async def fill_basket(book: Id, *, mine: Owned[Basket, Remind], caller: Caller, clock: Clock) -> Id:
    basket = Basket(id=caller.id, gone_at=clock.now() + timedelta(days=1), book_id=book)
    reminder = Remind(to_user=caller.id, book_id=book)
    await mine.put(basket, emit=reminder.at(clock.now() + timedelta(hours=20), name=caller.id))
    return basket.id


@service.mutation(allow=signed_in)
async def buy(
    id: Id,
    number: int,
    *,
    books: Reader[Book],
    orders: Store[Order, BookSold | Pack | Remind],
    lines: Store[Line],
    caller: Caller,
) -> Bought:
    book = await books.get(id)
    if not book.listed:
        raise SoldOut
    await lines.within(caller.id).put(Line(buyer_id=caller.id, place=f"{number}-1", book_id=id))
    sold = BookSold(book_id=id, seller_id=book.seller_id, genre=book.genre)
    pack = Pack(buyer_id=caller.id, book_id=id, price=book.price)
    reminder = Remind(to_user=caller.id, book_id=id).cancelled(caller.id)
    order = Order(buyer_id=caller.id, number=number, total=book.price)
    return await orders.within(caller.id).put(order, emit=[sold, pack, reminder])


@service.query(allow=group("staff"))
async def bought_by(
    buyer: Id, *, rows: Collection[Order | Line]
) -> list[Annotated[Order | Line, union("Row")]]:
    return list(await rows.within(buyer))


@service.query(allow=signed_in, directives=[authenticated, requires_scopes(["read"]), policy(["audit"])])
async def ticket() -> Id:
    """A number that nobody else has."""
    return new_id()


@service.field(directives=[override("publisher")])
async def delivery(edition: Edition, /) -> str:
    """Taken over from the publisher."""
    return "by bicycle"


@service.field()
async def shipping(edition: Edition, /, express: bool = False, *, weight: Requires[int]) -> int:
    return weight * (3 if express else 1)


@service.batch_field()
async def offers(editions: Sequence[Edition], /, *, books: Store[Book]) -> list[int]:
    """How many sell it."""
    pages = [await books.within(edition.id).page(Book.by_edition) for edition in editions]
    return [len(page.nodes) for page in pages]


@service.upcast
def with_genre(old: BookSoldV1) -> BookSold:
    return BookSold(book_id=old.book_id, seller_id=old.seller_id, genre=Genre.NOVEL)


@service.on(where=Essays(genre=OneOf[Genre](eq=Genre.ESSAY)), retry=Retry(attempts=5))
async def praise(event: BookSold, /, *, books: Store[Book, SendEmail]) -> None:
    rows = books.owned_by(event.seller_id)
    book = await rows.get(event.book_id)
    text = "An essay found its reader."
    mail = SendEmail(to_user=event.seller_id, about=book.id, subject=f"Sold: {book.name}", text=text)
    await rows.put(book, emit=mail)


@service.on(batch=50, window=timedelta(seconds=1), concurrency=2)
async def note_print(event: EditionPrinted, /, *, books: Store[Book]) -> None:
    for book in (await books.within(event.edition_id).page(Book.by_edition)).nodes:
        book.isbn = f"{event.copies} copies"
        await books.owned_by(book.seller_id).put(book)


@service.queue(function=Function(timeout=timedelta(seconds=20)), visibility=timedelta(seconds=150))
async def pack(message: Pack, /, *, payments: Payments, once: Once, lines: Store[Line]) -> None:
    receipt = await once("charge", lambda: payments.charge(message.buyer_id, message.price))
    line = Line(buyer_id=message.buyer_id, place=f"packed: {receipt}", book_id=message.book_id)
    await lines.within(message.buyer_id).put(line)


@service.queue()
async def remind(message: Remind, /, *, mailer: Mailer, profiles: Profiles, once: Once) -> None:
    to = (await profiles.profile(message.to_user)).email
    await once("send", lambda: mailer.send(Mail(to=to, subject="Your basket", text="Something is in it.")))


@service.query(allow=signed_in)
async def reading_link(book: Id, *, links: Links) -> str:
    """Where to read the first pages of a book, without signing in."""
    return links.hook("first-pages", book=book)


@service.hook("first-pages", methods=["GET"], allow=public)
async def first_pages(request: HookRequest, /, *, books: Reader[Book]) -> HookResponse:
    book = await books.get(Id(request.query.get("book", "")))
    return HookResponse.page(f"<h1>{escape(book.name)}</h1>")


@service.subscription(allow=signed_in)
async def sold(event: BookSold, /, *, caller: Caller, books: Reader[Book]) -> Book | None:
    """The caller's books, when somebody buys one."""
    return await books.get(event.book_id) if event.seller_id == caller.id else None
