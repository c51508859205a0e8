"""A right definition, with a use of everything that a type checker looks at."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from thestack import (
    UNSET,
    AnyEvent,
    AwsEvent,
    Caller,
    Clock,
    Connection,
    Counter,
    Entity,
    Event,
    Filter,
    Foreign,
    ForeignEvent,
    ForeignMessage,
    Id,
    Index,
    Input,
    Key,
    Message,
    NotFound,
    OneOf,
    Owned,
    Page,
    Patch,
    Reader,
    Retry,
    Service,
    Store,
    Unset,
    group,
    new_id,
    owner,
    public,
    signed_in,
)

service = Service("shop", page=(20, 100))


class State(StrEnum):
    OPEN = "OPEN"
    PAID = "PAID"


class Order(Entity, key="id", owner="owner_id", allow=owner | group("staff")):
    id: Id
    owner_id: Id
    placed_at: datetime
    state: State = State.OPEN
    note: str | None = None
    by_time = Index("owner_id", "placed_at", sort=datetime)


class Refund(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id
    paid_at: datetime
    by_time = Index("owner_id", "paid_at", sort=datetime)


class Daily(Entity, key=Key("metric", "day"), allow=public):
    metric: str
    day: str
    orders: Counter = 0


class Media(Foreign, service="media"):
    id: Id


class OrderPlaced(Event, name="order.placed", version=1):
    order_id: Id


class OrderPaid(Event, name="order.paid", version=1):
    order_id: Id


class PictureTaken(ForeignEvent, name="picture.taken", version=1, source="media"):
    picture_id: Id


class Pack(Message, queue="packing"):
    order_id: Id
    owner_id: Id


class SendEmail(ForeignMessage, service="notifications", queue="email"):
    to_user: Id


class PlaceOrder(Input):
    note: str | None = None


class ChangeOrder(Patch[Order]):
    note: str | Unset | None = UNSET


class Orders(Filter[Order]):
    state: OneOf[State] | None = None


service.crud(Order, allow=signed_in, only=["get"])


@service.query(allow=signed_in)
async def orders(
    page: Page, since: datetime, where: Orders | None = None, *, mine: Owned[Order], clock: Clock
) -> Connection[Order]:
    recent = Order.by_time.between(since, clock.now()).descending()
    return await mine.page(recent, page, where=where)


@service.mutation(allow=signed_in)
async def place(
    input: PlaceOrder, *, mine: Owned[Order, OrderPlaced | SendEmail], caller: Caller, clock: Clock
) -> Order:
    order = Order(id=new_id(), owner_id=caller.id, placed_at=clock.now(), note=input.note)
    return await mine.put(order, emit=[OrderPlaced(order_id=order.id), SendEmail(to_user=caller.id)])


@service.mutation(allow=signed_in)
async def pay(id: Id, *, mine: Owned[Order, OrderPaid]) -> Order:
    order = await mine.get(id)
    order.state = State.PAID
    return await mine.put(order, emit=OrderPaid(order_id=id))


@service.mutation(allow=signed_in)
async def change(id: Id, input: ChangeOrder, *, mine: Owned[Order]) -> Order:
    return await mine.put(input.apply(await mine.get(id)))


@service.query(allow=public)
async def day(day: str, *, days: Reader[Daily]) -> Daily:
    return await days.get("orders", day)


@service.field()
async def is_late(order: Order, /, *, clock: Clock) -> bool:
    return order.state is State.OPEN and order.placed_at < clock.now()


@service.batch_field()
async def captions(pictures: Sequence[Media], /, language: str = "en") -> list[str | None]:
    return [None for _ in pictures]


@service.on(retry=Retry(attempts=5))
async def count(event: OrderPlaced | PictureTaken, /, *, days: Store[Daily]) -> None:
    name = event.order_id if isinstance(event, OrderPlaced) else event.picture_id
    await days.within("orders").add(Daily(metric="orders", day=name, orders=1))


@service.queue()
async def pack(message: Pack, /, *, all: Store[Order, OrderPaid]) -> None:
    rows = all.owned_by(message.owner_id)
    async for order in rows.each(Order.by_time):
        await rows.put(order, emit=OrderPaid(order_id=order.id))


class Ship(Message, queue="shipping"):
    order_id: Id


@service.queue()
async def ship(messages: Sequence[Ship], /, *, days: Store[Daily]) -> None:
    for message in messages:
        await days.within("shipped").add(Daily(metric="shipped", day=message.order_id, orders=1))


@service.on()
async def record(events: Sequence[AnyEvent], /, *, days: Store[Daily]) -> None:
    for event in events:
        await days.within(event.name).add(Daily(metric=event.name, day=event.subject, orders=1))


class JobEnded(AwsEvent, source="aws.jobs", detail_type="Job Ended", pattern={"a": [{"prefix": "b"}, 1]}):
    job_id: str


@service.on(retry=Retry(attempts=2))
async def ended(event: JobEnded | OrderPaid, /) -> None:
    if isinstance(event, JobEnded) and not event.job_id + event.tenant:
        raise NotFound("There is no such job.")
