"""A definition for the tests of rows: unique values, expiry, stamps, restoring, and entities side by side."""

from datetime import date, datetime
from enum import Enum

from thestack import (
    Collection,
    Connection,
    Counter,
    Entity,
    Event,
    Foreign,
    Id,
    Index,
    Key,
    Owned,
    Page,
    Service,
    Store,
    created,
    signed_in,
    updated,
)

service = Service("library")


class Metric(Enum):
    LOANS = "loans/day"
    RETURNS = "returns"


class Portrait(Foreign, service="media"):
    id: Id


class Member(Entity, key="id", allow=signed_in, unique=["email", Key("team", "nick"), "portrait.id"]):
    id: Id
    email: str
    team: str | None = None
    nick: str | None = None
    portrait: Portrait | None = None


class Session(Entity, key="id", owner="user_id", allow=signed_in, unique=["token"], expires="ends_at"):
    id: Id
    user_id: Id
    token: str
    ends_at: datetime | None = None
    by_token = Index("user_id", "token", sort=str)


class Note(Entity, key="id", owner="owner_id", allow=signed_in, unique=["slug"], soft_delete=True):
    id: Id
    owner_id: Id
    slug: str
    title: str = ""
    created_at: datetime = created()
    updated_at: datetime = updated()
    by_change = Index("owner_id", "updated_at", sort=datetime)
    by_title = Index("owner_id", "title", sort=str, local=True)


class Usage(Entity, key=Key("metric", "day"), allow=signed_in, expires="kept_until"):
    metric: Metric
    day: date
    kept_until: datetime | None = None
    calls: Counter = 0
    first_at: datetime = created()
    last_at: datetime = updated()


class Slot(Entity, key=Key("shelf", "row", "day", "at", "metric", "name"), allow=signed_in):
    shelf: Id
    row: int
    day: date
    at: datetime
    metric: Metric
    name: str


class Order(Entity, key="id", allow=signed_in):
    id: Id
    note: str = ""


class Line(Entity, key=Key("order_id", "number"), beside=Order, allow=signed_in):
    order_id: Id
    number: int
    sku: str = ""
    by_number = Index("order_id", "number", sort=int)
    by_sku = Index("order_id", "sku", sort=str, local=True)


class Invoice(Entity, key="order_id", beside=Order, allow=signed_in):
    order_id: Id
    total: int = 0


class Box(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id


class Label(Entity, key="id", owner="owner_id", beside=Box):
    id: Id
    owner_id: Id


class MemberLeft(Event, name="member.left", version=1):
    member_id: Id


@service.query(allow=signed_in)
async def basket(order_id: Id, *, rows: Collection[Order | Line | Invoice]) -> list[Line]:
    return [each for each in await rows.within(order_id) if isinstance(each, Line)]


@service.query(allow=signed_in)
async def boxes(page: Page, *, mine: Owned[Box]) -> Connection[Box]:
    return await mine.page(page=page)


@service.mutation(allow=signed_in)
async def join(id: Id, email: str, *, members: Store[Member]) -> Member:
    return await members.within().put(Member(id=id, email=email))


@service.mutation(allow=signed_in)
async def leave(id: Id, *, members: Store[Member, MemberLeft]) -> Member:
    member = await members.within().get(id)
    await members.within().delete(member, emit=MemberLeft(member_id=id))
    return member


@service.mutation(allow=signed_in)
async def write_note(id: Id, slug: str, *, mine: Owned[Note]) -> Note:
    return await mine.put(Note(id=id, owner_id=Id("alice"), slug=slug))
