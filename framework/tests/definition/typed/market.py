"""A right definition, with a use of every construct that shop.py has none of."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import Field

from thestack import (
    Access,
    BadInput,
    Caller,
    Clock,
    Collection,
    Conflict,
    Connection,
    Cursor,
    Edge,
    Entity,
    Event,
    Filter,
    Forbidden,
    Foreign,
    ForeignEvent,
    ForeignMessage,
    Function,
    Id,
    Index,
    Input,
    Interface,
    Key,
    Mail,
    Mailer,
    Message,
    NotFound,
    Once,
    OneOf,
    Owned,
    Page,
    Part,
    Patch,
    Permission,
    Problem,
    Profiles,
    Range,
    Reader,
    Reject,
    Requires,
    Retry,
    Rows,
    Rule,
    Secret,
    Service,
    Store,
    Text,
    Value,
    authenticated,
    context,
    cost,
    created,
    deprecated,
    directive,
    external,
    from_context,
    group,
    inaccessible,
    list_size,
    new_id,
    override,
    owner,
    parameter,
    policy,
    provides,
    public,
    requires_scopes,
    scalar,
    secret,
    shareable,
    signed_in,
    tag,
    tenant,
    union,
    updated,
    visible_to,
    when,
)

service = Service(
    "market",
    page=(10, 50),
    function=Function(
        memory=1024,
        timeout=timedelta(seconds=20),
        environment={"LEVEL": "1"},
        permissions=[Permission("rekognition:DetectLabels", on=["*"])],
    ),
)
stalls = Part()

Money = Annotated[Decimal, scalar("Money", parse=Decimal, serialize=str, specified_by="https://x.example")]
audited = directive(
    "directive @audited(level: Int) on OBJECT | FIELD_DEFINITION", url="https://x.example/v1.0"
)
mine_or_staffs: Rule = owner | group("staff")
staff: Rule = group("staff") & tenant("acme") | signed_in


class Kind(StrEnum):
    FRUIT = "FRUIT"
    BREAD = "BREAD"


class Node(Interface, refs=["id"], directives=[tag("node")]):
    id: Id


class Place(Value, directives=[shareable]):
    street: str
    floor: int | None = None


class Stall(Entity, Node, owner="seller_id", unique=["name", Key("street", "number")], soft_delete=True):
    seller_id: Id
    name: str
    street: str
    number: int
    place: Place
    closes_at: datetime | None = None
    created_at: datetime = created()
    updated_at: datetime = updated()
    by_name = Index("seller_id", "name", sort=str)
    by_number = Index("seller_id", "number", sort=int, sparse=True, local=True)


class Note(Entity, owner="id", allow=mine_or_staffs):
    id: Id
    created_at: datetime = created()


def is_fresh(goods: "Goods", caller: Caller | None) -> bool:
    return goods.kind is Kind.FRUIT or (caller is not None and "staff" in caller.groups)


class Till(Entity, owner="seller_id", beside=Stall):
    id: Id
    seller_id: Id
    cents: int


class Goods(
    Entity,
    key=Key("stall_id", "id"),
    allow=public | when(is_fresh),
    refs=[Key("stall_id", "id")],
    expires="sold_by",
    directives=[audited({"level": 3}), authenticated, context("goods"), cost(3)],
):
    stall_id: Id
    id: Id
    kind: Kind
    price: Money
    sold_by: datetime
    weight: Annotated[float, Field(gt=0), shareable] = 1
    bought_for: Annotated[Money | None, visible_to(group("staff"))] = None
    old: Annotated[str, deprecated("Say `kind`."), inaccessible, override("stock", label="percent(5)")] = ""
    by_price = Index("stall_id", "sold_by", sort=datetime)


class Product(Foreign, service="stock", key="sku", refs=["sku", Key("maker", "number")]):
    sku: Id
    maker: str = ""
    number: int = 0


class ProductWeight(Product):
    weight: Annotated[int, external]


class Thing(Foreign, service="stock", interface_object=True, directives=[requires_scopes(["a", "b"], ["c"])]):
    id: Id


class Sold(Event, name="goods.sold", version=2):
    goods_id: Id
    price: Money
    kind: Kind = Kind.FRUIT


class SoldBefore(Event, name="goods.sold", version=1):
    goods_id: Id


class Taken(ForeignEvent, name="product.taken", version=1, source="stock"):
    sku: Id
    count: int


class Count(Message, queue="count", version=2, group="stall_id", delay=timedelta(seconds=30)):
    stall_id: Id


class Refill(ForeignMessage, service="stock", queue="refill", version=1):
    sku: Id


class AddGoods(Input, directives=[tag("add")]):
    kind: Kind
    place: Place


class ChangeStall(Patch[Stall]):
    name: str | None = None


class GoodsFilter(Filter[Goods]):
    kind: OneOf[Kind] | None = None
    weight: Range[float] | None = None
    sold_by: Range[datetime] | None = None
    old: Text | None = None


class Expensive(Filter[Sold]):
    kind: OneOf[Kind] | None = None


class SoldOut(Problem, code="SOLD_OUT"):
    """Nothing is left."""


Found = Annotated[Goods | Stall, union("Found")]
Bought = Annotated[Goods | SoldOut | NotFound, union("Bought")]


class Scale(Protocol):
    async def weigh(self, goods: Id) -> float: ...


class Iron:
    def __init__(self, key: Secret) -> None:
        self.key = key

    async def weigh(self, goods: Id) -> float:
        return float(len(await self.key.value() + goods))


@service.provide(
    permissions=[Permission("iot:Connect", on=["arn:aws:iot:{region}:{account}:x/{environment}"])]
)
def scale(*, key: Annotated[Secret, parameter("scale-key")], clock: Clock) -> Scale:
    return Iron(key)


@service.query(allow=public, directives=[list_size(assumed=5, sized_fields=["edges"], require_one=False)])
async def goods(
    stall: Id, page: Page, where: GoodsFilter | None = None, *, all: Store[Goods]
) -> Connection[Goods]:
    by: Access[Goods, datetime] = Goods.by_price.at_most(datetime.now(UTC)).descending()
    return await all.within(stall).page(by, page, where=where)


@service.query(allow=staff, directives=[policy(["p"])])
async def found(
    id: Id, shop: Annotated[str | None, from_context("goods", "currency")] = None, *, mine: Owned[Stall]
) -> Found | None:
    return await mine.find(id)


@service.query(allow=signed_in)
async def named(begin: str, *, mine: Owned[Stall]) -> list[Stall]:
    at_least = Stall.by_number.at_least(3).equal(4).between(1, 2)
    return [each async for each in mine.each(Stall.by_name.begins_with(begin))] + [
        each async for each in mine.each(at_least)
    ]


@service.query(allow=signed_in)
async def several(ids: list[Id], *, mine: Owned[Stall]) -> list[Stall | None]:
    return await mine.find_all(ids)


@service.query(allow=signed_in)
async def one(id: Id, *, all: Reader[Goods], tills: Collection[Stall | Till]) -> list[Found]:
    return [await all.get(id, id), *(each for each in await tills.within(id) if isinstance(each, Stall))]


@service.query(allow=signed_in)
async def made() -> Connection[Place]:
    return Connection([Edge(Cursor("1"), Place(street="A"))], has_next_page=False)


@service.mutation(allow=signed_in & group("sellers"), directives=[shareable])
async def add(
    stall: Id, input: AddGoods, *, all: Store[Goods, Sold | Refill | Count], clock: Clock, caller: Caller
) -> Goods:
    rows: Rows[Goods, Sold | Refill | Count] = all.within(stall)
    fresh = Goods(id=new_id(), stall_id=stall, kind=input.kind, price=Decimal(1), sold_by=clock.now())
    later = Count(stall_id=stall).at(clock.now() + timedelta(days=1), name=f"count-{stall}")
    soon = Refill(sku=fresh.id).after(timedelta(minutes=5))
    never = Count(stall_id=stall).cancelled(f"count-{stall}")
    return await rows.put(fresh, emit=[later, soon, never, Sold(goods_id=fresh.id, price=fresh.price)])


@service.mutation(allow=signed_in)
async def buy(stall: Id, id: Id, *, all: Store[Goods, Sold]) -> Bought:
    rows = all.within(stall)
    if bought := await rows.find(id):
        await rows.delete(bought, emit=Sold(goods_id=id, price=bought.price))
        return bought
    return SoldOut("There is none.", field=("id",))


@service.mutation(allow=signed_in)
async def open(id: Id, street: str, *, mine: Owned[Stall], caller: Caller) -> Stall:
    place = Place(street=street)
    if not street:
        raise BadInput("No street.", field=("street",))
    stall = Stall(id=id, seller_id=caller.id, name="", street=street, number=1, place=place)
    return await mine.put(stall)


@service.mutation(allow=signed_in)
async def restore(id: Id, input: ChangeStall, *, mine: Owned[Stall]) -> Stall:
    try:
        return await mine.put(input.apply(await mine.restore(id)))
    except Conflict:
        raise Forbidden from None


@service.subscription(allow=public, directives=[tag("live")])
async def sold(event: Sold, /, stall: Id, *, all: Store[Goods]) -> Goods | None:
    return await all.within(stall).find(event.goods_id)


@stalls.field(allow=group("staff"), directives=[provides("sku")])
async def product(goods: Goods, /, *, scale: Scale) -> ProductWeight:
    return ProductWeight(sku=goods.id, weight=int(await scale.weigh(goods.id)))


@stalls.field()
async def shipping(product: Product, /, day: date, *, weight: Requires[int]) -> float:
    return weight * day.day / 2


@stalls.field()
async def full(place: Place, /) -> str:
    return f"{place.street} {place.floor or 0}"


@stalls.batch_field(directives=[cost(2)])
async def ratings(all: Sequence[Stall], /, *, profiles: Profiles) -> list[int]:
    return [1 for _ in all]


@service.on(
    where=Expensive(kind=OneOf(any_of=[Kind.BREAD])),
    retry=Retry(attempts=5, first_delay=timedelta(seconds=1), longest_delay=timedelta(minutes=1)),
    batch=100,
    window=timedelta(seconds=5),
    concurrency=2,
    function=Function(memory=512),
    cyclic=True,
)
async def heard(event: Sold, /, *, all: Store[Goods, Sold]) -> None:
    await all.within("a").add(
        Goods(
            id=event.goods_id, stall_id=Id(""), kind=event.kind, price=event.price, sold_by=datetime.now(UTC)
        )
    )


@service.on()
async def taken(event: Taken | Sold, /, *, once: Once, mailer: Mailer) -> None:
    async def send() -> str:
        return await mailer.send(Mail(Id("1"), "Taken", "Taken."))

    await once("key", send)


@service.queue(retry=Retry(), batch=1, visibility=timedelta(minutes=3), cyclic=False)
async def count(message: Count, /, *, key: Annotated[Secret, secret("count-key")]) -> None:
    if not await key.refresh():
        raise Reject("no key")


@service.every(timedelta(hours=1), retry=Retry(attempts=2), function=Function(timeout=timedelta(minutes=5)))
async def hourly(*, all: Store[Stall, Count]) -> None:
    stall = await all.owned_by(Id("1")).get(Id("2"))
    await all.owned_by(Id("1")).put(stall, emit=Count(stall_id=stall.id))


@service.cron("0 9 ? * MON-FRI *", zone="Europe/Berlin")
async def daily(*, clock: Clock) -> None:
    clock.now()


@service.upcast
def sold_with_price(before: SoldBefore) -> Sold:
    return Sold(goods_id=before.goods_id, price=Decimal(0))


service.crud(Stall, allow=signed_in, only=["get", "list", "create", "update", "delete"])
service.include(stalls)


def stamps(stall: Stall) -> tuple[datetime, datetime]:
    return stall.created_at, stall.updated_at


def each(rows: Rows[Goods], by: Access[Goods, datetime]) -> AsyncIterator[Goods]:
    return rows.each(by)
