"""A service whose events have grown, whose queue keeps order, and which talks to itself."""

from datetime import timedelta
from enum import StrEnum

from thestack import (
    Entity,
    Event,
    Filter,
    Id,
    Message,
    OneOf,
    Owned,
    Reject,
    Retry,
    Service,
    Store,
    owner,
    signed_in,
)

service = Service("warehouse")
CAREFULLY = Retry(attempts=2, first_delay=timedelta(seconds=4))


class Priority(StrEnum):
    HIGH = "HIGH"
    LOW = "LOW"


class Order(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id
    heard: str = ""


class PlacedV1(Event, name="order.placed", version=1):
    order: Id


class PlacedV2(Event, name="order.placed", version=2):
    order_id: Id


class Placed(Event, name="order.placed", version=3):
    order_id: Id
    priority: Priority


class PackV1(Message, queue="packing", version=1, group="order"):
    order: Id


class Pack(Message, queue="packing", version=2, group="order_id"):
    order_id: Id
    what: str


class Remind(Message, queue="reminding", delay=timedelta(seconds=30)):
    what: str


class Echo(Event, name="echo", version=1):
    order_id: Id


class Urgent(Filter[Placed]):
    priority: OneOf[Priority] | None = None


@service.upcast
def second(old: PlacedV1) -> PlacedV2:
    return PlacedV2(order_id=old.order)


@service.upcast
def third(old: PlacedV2) -> Placed:
    if old.order_id == "broken":
        raise ValueError("it has no priority")
    return Placed(order_id=old.order_id, priority=Priority.HIGH)


@service.upcast
def described(old: PackV1) -> Pack:
    return Pack(order_id=old.order, what="everything")


@service.query(allow=signed_in)
async def order(id: Id, *, mine: Owned[Order]) -> Order:
    return await mine.get(id)


@service.mutation(allow=signed_in)
async def place(id: Id, urgent: bool = False, *, mine: Owned[Order, Placed | Pack | Remind | Echo]) -> Order:
    order = Order(id=id, owner_id=Id("alice"))
    priority = Priority.HIGH if urgent else Priority.LOW
    said = [
        Placed(order_id=id, priority=priority),
        *(Pack(order_id=id, what=what) for what in ("box", "bow", "card")),
        Remind(what="usual"),
        Remind(what="later").after(timedelta(minutes=5)),
        Remind(what="sooner").after(timedelta(seconds=1)),
    ]
    return await mine.put(order, emit=said)


@service.mutation(allow=signed_in)
async def shout(id: Id, *, mine: Owned[Order, Echo]) -> Order:
    return await mine.put(Order(id=id, owner_id=Id("alice")), emit=Echo(order_id=id))


@service.on(where=Urgent(priority=OneOf(eq=Priority.HIGH)))
async def rush(event: Placed, /, *, orders: Store[Order]) -> None:
    await _note(orders, event.order_id, f"rush {event.order_id}")


@service.on()
async def file(event: Placed, /, *, orders: Store[Order]) -> None:
    await _note(orders, event.order_id, f"file {event.priority}")


@service.queue(retry=CAREFULLY)
async def pack(message: Pack, /, *, orders: Store[Order]) -> None:
    if message.what == "bow" and message.order_id == "tangled":
        raise ValueError("the bow is tangled")
    if message.what == "bow" and message.order_id == "refused":
        raise Reject("no bows here")
    await _note(orders, message.order_id, message.what)


@service.queue()
async def remind(message: Remind, /) -> None: ...


@service.on(cyclic=True)
async def answer(event: Echo, /, *, orders: Store[Order, Echo]) -> None:
    order = await orders.owned_by(Id("alice")).get(event.order_id)
    await orders.owned_by(Id("alice")).put(order, emit=Echo(order_id=event.order_id))


async def _note(orders: Store[Order], id: Id, what: str) -> None:
    mine = orders.owned_by(Id("alice"))
    order = await mine.find(id) or Order(id=id, owner_id=Id("alice"))
    order.heard = f"{order.heard}, {what}".removeprefix(", ")
    await mine.put(order)
