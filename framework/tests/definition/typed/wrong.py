"""Wrong definitions. A type checker refuses each marked line, and no other."""

from collections.abc import Sequence
from datetime import datetime

from shop import Daily, Media, Order, OrderPaid, OrderPlaced, Orders, Pack, Refund, State

from thestack import (
    AwsEvent,
    Clock,
    Connection,
    Entity,
    Event,
    Filter,
    Foreign,
    ForeignEvent,
    Id,
    Input,
    Owned,
    Page,
    Patch,
    Reader,
    Service,
    Store,
    public,
    signed_in,
)

service = Service("shop")

# --- class keywords


class Line(Entity, ky="id"):  # refused
    id: Id


class Product(Entity, allow="public"):  # refused
    id: Id


class Price(Entity, key=1):  # refused
    id: Id


class Seller(Foreign, servise="shop"):  # refused
    id: Id


class Cancelled(Event, name="order.cancelled"):  # refused
    order_id: Id


class Delivered(ForeignEvent, name="parcel.delivered", version="1", source="post"):  # refused
    order_id: Id


class Change(Input, name="Change"):  # refused
    note: str


class Move(Patch[Id]):  # refused
    shelf: str


class Stamps(Filter[Pack]):  # refused
    shelf: str


# --- entities and their indexes


def make(now: datetime) -> Order:
    return Order(id=Id("1"), owner_id=Id("2"), placed=now)  # refused


def assign(order: Order) -> None:
    order.state = "PAID"  # refused


def misspell(order: Order) -> State:
    return order.stat  # refused


async def unknown_index(mine: Owned[Order], page: Page) -> Connection[Order]:
    return await mine.page(Order.by_tim, page)  # refused


async def range_type(mine: Owned[Order], page: Page) -> Connection[Order]:
    return await mine.page(Order.by_time.between("2026", "2027"), page)  # refused


async def index_of_another(mine: Owned[Order], page: Page) -> Connection[Order]:
    return await mine.page(Refund.by_time, page)  # refused


async def filter_of_another(mine: Owned[Refund], where: Orders) -> Connection[Refund]:
    return await mine.page(where=where)  # refused


# --- capabilities


async def undeclared_event(mine: Owned[Order, OrderPlaced], id: Id) -> Order:
    return await mine.put(await mine.get(id), emit=OrderPaid(order_id=id))  # refused


async def undeclared_message(mine: Owned[Order, OrderPlaced], order: Order, pack: Pack) -> Order:
    return await mine.put(order, emit=[OrderPlaced(order_id=order.id), pack])  # refused


async def silent(mine: Owned[Order], id: Id) -> None:
    await mine.delete(await mine.get(id), emit=OrderPaid(order_id=id))  # refused


async def not_narrowed(all: Store[Order], id: Id) -> Order:
    return await all.get(id)  # refused


async def read_only(all: Reader[Order], order: Order) -> Order:
    return await all.put(order)  # refused


async def of_another(mine: Owned[Order], refund: Refund) -> None:
    await mine.put(refund)  # refused


def of_no_entity(mine: Owned[Id]) -> None: ...  # refused


# --- handlers


@service.query(allow="signed_in")  # refused
async def allowed(id: Id) -> bool:
    return bool(id)


@service.query(allow=signed_in)  # refused
def not_async(id: Id) -> bool:
    return bool(id)


@service.query(allow=public)
async def wrong_answer(id: Id, *, days: Reader[Daily]) -> Order:
    return await days.get(id)  # refused


@service.field()  # refused
async def of_id(order: Id, /) -> bool:
    return bool(order)


@service.field()  # refused
async def of_event(event: OrderPlaced, /, *, clock: Clock) -> bool:
    return bool(clock.now())


@service.batch_field()  # refused
async def one_for_all(pictures: Sequence[Media], /) -> int:
    return len(pictures)


@service.on()  # refused
async def hears_a_message(event: Pack, /) -> None: ...


@service.on()  # refused
async def hears_many_messages(events: Sequence[Pack], /) -> None: ...


class Nowhere(AwsEvent, source="aws.jobs"): ...  # refused


@service.on()  # refused
async def answers(event: OrderPlaced, /) -> bool:
    return True


@service.queue()  # refused
async def takes_an_event(message: OrderPlaced, /) -> None: ...


service.crud(Order, allow=signed_in, only=["lst"])  # refused
service.crud(OrderPlaced, allow=signed_in)  # refused
