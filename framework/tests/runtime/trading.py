"""A service whose subscribers are told of what happens."""

from thestack import (
    Caller,
    Entity,
    Event,
    Foreign,
    Id,
    Owned,
    Reader,
    Service,
    group,
    owner,
    public,
    signed_in,
)

service = Service("trading")


class Seller(Foreign, service="people", key="id"):
    id: Id


class Offer(Entity, key="id", owner="owner_id", allow=owner | group("staff")):
    """Something for sale."""

    id: Id
    owner_id: Id
    title: str
    seller: Seller


class OfferMade(Event, name="offer.made", version=1):
    offer_id: Id
    title: str


class OfferGone(Event, name="offer.gone", version=1):
    offer_id: Id
    title: str


@service.query(allow=signed_in)
async def offer(id: Id, *, offers: Reader[Offer]) -> Offer:
    return await offers.get(id)


@service.mutation(allow=signed_in)
async def make_offer(id: Id, title: str, *, mine: Owned[Offer, OfferMade], caller: Caller) -> Offer:
    made = Offer(id=id, owner_id=caller.id, title=title, seller=Seller(id=caller.id))
    return await mine.put(made, emit=OfferMade(offer_id=id, title=title))


@service.mutation(allow=signed_in)
async def withdraw_offer(id: Id, *, mine: Owned[Offer, OfferGone]) -> Offer:
    withdrawn = await mine.get(id)
    await mine.delete(withdrawn, emit=OfferGone(offer_id=id, title=withdrawn.title))
    return withdrawn


@service.subscription(allow=signed_in)
async def offer_made(event: OfferMade, /, title: str | None = None, *, offers: Reader[Offer]) -> Offer | None:
    """The caller's own offers, or all of them for staff."""
    return await offers.get(event.offer_id) if title in (None, event.title) else None


@service.subscription(allow=public)
async def headline(event: OfferMade | OfferGone, /) -> str:
    if event.title == "broken":
        raise RuntimeError("a secret")
    return f"{type(event).__name__}: {event.title}"


@service.subscription(allow=group("staff"))
async def audit(event: OfferMade, /, *, caller: Caller) -> str:
    return f"{caller.id} {event.offer_id}"
