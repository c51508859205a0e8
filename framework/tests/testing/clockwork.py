"""A service by the clock: timers, and messages that are put off."""

from datetime import datetime, timedelta

from thestack import Caller, Clock, Entity, Id, Message, Owned, Retry, Service, Store, owner, signed_in

service = Service("clockwork")


class Visit(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id
    starts_at: datetime


class Ticks(Entity, key="id", allow=signed_in):
    id: Id
    last: str


class Remind(Message, queue="reminders"):
    """Somebody is to be reminded of a visit."""

    visit_id: Id


@service.every(timedelta(hours=1), retry=Retry(attempts=2))
async def tick(*, ticks: Store[Ticks], clock: Clock) -> None:
    """Keep the last hour."""
    rows = ticks.within("hours")
    await rows.put(await rows.find() or Ticks(id=Id("hours"), last=clock.now().isoformat()))


@service.cron("0 9 ? * MON-FRI *", zone="Europe/Berlin")
async def greet(*, clock: Clock) -> None:
    """Greet on each working day."""


@service.queue()
async def remind(message: Remind, /, *, clock: Clock) -> None:
    """Remind."""


@service.query(allow=signed_in)
async def ticks(*, rows: Store[Ticks]) -> str | None:
    """The last tick."""
    found = await rows.within("hours").find()
    return found.last if found else None


@service.mutation(allow=signed_in)
async def plan(id: Id, starts_at: datetime, *, mine: Owned[Visit, Remind], caller: Caller) -> Visit:
    """Plan a visit, and be reminded a day before; whoever plans it anew is reminded once."""
    visit = await mine.find(id) or Visit(id=id, owner_id=caller.id, starts_at=starts_at)
    visit.starts_at = starts_at
    return await mine.put(visit, emit=reminder(visit))


@service.mutation(allow=signed_in)
async def cancel(id: Id, *, mine: Owned[Visit, Remind]) -> Visit:
    """Call a visit off."""
    visit = await mine.get(id)
    await mine.delete(visit, emit=Remind(visit_id=id).cancelled(id))
    return visit


@service.mutation(allow=signed_in)
async def nudge(id: Id, at: datetime, *, mine: Owned[Visit, Remind]) -> Visit:
    """Be reminded of a visit once more."""
    visit = await mine.get(id)
    return await mine.put(visit, emit=Remind(visit_id=id).at(at))


def reminder(visit: Visit) -> Remind:
    """The reminder of a visit, a day before."""
    return Remind(visit_id=visit.id).at(visit.starts_at - timedelta(days=1), name=visit.id)
