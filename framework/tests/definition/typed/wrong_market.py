"""Wrong definitions, of what market.py has rightly. A type checker refuses each marked line, and no other."""

from datetime import datetime, timedelta
from decimal import Decimal

from market import (
    Count,
    Expensive,
    Goods,
    GoodsFilter,
    Note,
    Place,
    Product,
    Refill,
    Sold,
    SoldBefore,
    SoldOut,
    Stall,
    Taken,
)

from thestack import (
    Collection,
    Entity,
    Event,
    Filter,
    Foreign,
    ForeignMessage,
    Function,
    Id,
    Index,
    Input,
    Interface,
    Key,
    Message,
    OneOf,
    Owned,
    Part,
    Permission,
    Problem,
    Range,
    Reader,
    Requires,
    Retry,
    Secret,
    Service,
    Store,
    Text,
    Value,
    cost,
    created,
    directive,
    from_context,
    list_size,
    override,
    public,
    requires_scopes,
    scalar,
    signed_in,
    tag,
    visible_to,
    when,
)

service = Service("market", page=20)  # refused
service = Service("market", function=Retry())  # refused
stalls = Part("stalls")  # refused


# --- class keywords


class KeyedInterface(Interface, key="id"):  # refused
    id: Id


class ValueWithText(Value, directives=["shareable"]):  # refused
    street: str


class UniqueText(Entity, unique="name"):  # refused
    id: Id


class RefsText(Entity, refs="id"):  # refused
    id: Id


class ExpiresAfter(Entity, expires=timedelta(days=1)):  # refused
    id: Id


class SoftYes(Entity, soft_delete="yes"):  # refused
    id: Id


class BesideValue(Entity, beside=Place):  # refused
    id: Id


class BesideText(Entity, beside="Stall"):  # refused
    id: Id


class TaggedByFunction(Entity, directives=[tag]):  # refused
    id: Id


class ObjectText(Foreign, service="stock", interface_object="yes"):  # refused
    id: Id


class GroupedEvent(Event, name="a", version=1, group="id"):  # refused
    id: Id


class DelayOfNumber(Message, queue="a", delay=30):  # refused
    id: Id


class GroupList(Message, queue="a", group=["id"]):  # refused
    id: Id


class ForeignDelay(ForeignMessage, service="stock", queue="a", delay=timedelta(seconds=1)):  # refused
    id: Id


class InterfaceOfText(Interface, refs="id"):  # refused
    id: Id


class OneDirective(Input, directives=tag("a")):  # refused
    id: Id


class NoCode(Problem): ...  # refused


class NumberedCode(Problem, code=7): ...  # refused


class KeyOfNumber(Entity, key=Key("a", 1)):  # refused
    id: Id


# --- fields, stamps, indexes, annotations


class Stamped(Entity):
    id: Id
    created_at: datetime = created(default=None)  # refused
    by_time = Index("id", "created_at", sort="datetime")  # refused
    by_id = Index("id", "created_at", sort=datetime, sparse="no")  # refused


Money = scalar("Money", parse=Decimal)  # refused
Length = scalar("Length", parse=float, serialize=lambda value: value.metres)  # refused
audited = directive("directive @audited on OBJECT")  # refused
once = audited(level=3)  # refused
moved = override()  # refused
heavy = cost("3")  # refused
chosen = from_context("goods")  # refused
long = list_size(assumed="five")  # refused
scoped = requires_scopes("admin")  # refused
sized = list_size(sized_fields="edges")  # refused
salary = visible_to("staff")  # refused


def no_rule(goods: Goods) -> bool:
    return bool(goods)


fresh = when(no_rule)  # refused
staff = signed_in and "staff" & public  # refused


def stamped(now: datetime) -> Note:
    return Note(id=Id("1"), created_at=now)  # refused


def of_a_value() -> Place:
    return Place(street="A", flor=1)  # refused


def of_a_number(filter: GoodsFilter) -> GoodsFilter:
    return GoodsFilter(weight=Range(at_least="1"))  # refused


def of_an_enum() -> GoodsFilter:
    return GoodsFilter(kind=OneOf(eq="FRUIT"))  # refused


def of_a_text() -> Text:
    return Text(begins_with=1)  # refused


class FilterOfValue(Filter[Place]):  # refused
    street: Text | None = None


class RangeOfPlaces(Filter[Goods]):
    weight: Range[Place] | None = None  # refused


# --- capabilities


async def prefix_of_numbers(mine: Owned[Stall]) -> list[Stall]:
    return [each async for each in mine.each(Stall.by_number.begins_with("1"))]  # refused


async def equal_to_text(mine: Owned[Stall]) -> list[Stall]:
    return [each async for each in mine.each(Stall.by_number.equal("1"))]  # refused


async def all_at_once(mine: Owned[Stall]) -> list[Stall]:
    return await mine.find_all([Id("1")])  # refused


async def written_to(rows: Collection[Stall | Goods], stall: Stall) -> None:
    await rows.put(stall)  # refused


def no_entities(rows: Collection[Place]) -> None: ...  # refused


async def restored(all: Reader[Stall]) -> Stall:
    return await all.restore(Id("1"))  # refused


async def shown(key: Secret) -> int:
    return await key.value()  # refused


def later(count: Count) -> Count:
    return count.at(timedelta(days=1))  # refused


def soon(count: Refill) -> Refill:
    return count.after(60)  # refused


def never(count: Count) -> Count:
    return count.cancelled()  # refused


def put_off(sold: Sold) -> Sold:
    return sold.at(datetime.now())  # refused


async def version(mine: Store[Goods, Sold], goods: Goods) -> None:
    await mine.within("a").put(goods, emit=SoldBefore(goods_id=goods.id))  # refused


def weighed(weight: Requires[int]) -> str:
    return weight  # refused


# --- handlers


@service.on(where=Expensive(kind=None))  # refused
async def of_another_event(event: Taken, /) -> None: ...


@service.on(where=GoodsFilter())  # refused
async def of_an_entity(event: Sold, /) -> None: ...


@service.on(batch="all")  # refused
async def batch(event: Sold, /) -> None: ...


@service.on(window=5)  # refused
async def window(event: Sold, /) -> None: ...


@service.on(visibility=timedelta(minutes=1))  # refused
async def visibility(event: Sold, /) -> None: ...


@service.queue(where=Expensive())  # refused
async def where(message: Count, /) -> None: ...


@service.queue(function=512)  # refused
async def function(message: Count, /) -> None: ...


@service.every(3600)  # refused
async def hourly() -> None: ...


@service.every(timedelta(hours=1))  # refused
async def answers() -> int:
    return 1


@service.every(timedelta(hours=1))  # refused
def not_async() -> None: ...


@service.cron("0 9 ? * MON-FRI *", timezone="UTC")  # refused
async def daily() -> None: ...


@service.subscription(allow=public)  # refused
async def of_a_message(message: Count, /) -> Goods | None:
    return None


@service.subscription(allow="public")  # refused
async def allowed(event: Sold, /) -> Goods | None:
    return None


@service.query(allow=public, directives=["shareable"])  # refused
async def directed() -> bool:
    return True


@service.field(memory=512)  # refused
async def memory(goods: Goods, /) -> bool:
    return True


@service.batch_field()  # refused
async def of_one(goods: Goods, /) -> list[bool]:
    return [True]


@service.upcast  # refused
def of_entities(goods: Goods) -> Sold:
    return Sold(goods_id=goods.id, price=Decimal(1))


@service.upcast  # refused
async def slowly(before: SoldBefore) -> Sold:
    return Sold(goods_id=before.goods_id, price=Decimal(1))


@service.upcast
def wrong_version(before: SoldBefore) -> Sold:
    return before  # refused


@service.provide(permissions=["s3:GetObject"])  # refused
def bucket() -> Place:
    return Place(street="A")


@service.query(allow=signed_in)
async def result(id: Id, *, mine: Owned[Stall]) -> Stall | SoldOut:
    return Product(sku=id)  # refused


Retry(tries=3)  # refused
Retry(first_delay=1)  # refused
Function(memory="512")  # refused
Function(permissions=["s3:GetObject"])  # refused
Permission("s3:GetObject")  # refused
Permission("s3:GetObject", on="*")  # refused
service.include("stalls")  # refused
service.crud(Place)  # refused
