"""The part of the bookshop that works by the clock, and counts what is said, here and elsewhere."""

from collections.abc import Sequence
from datetime import date, timedelta

from thestack import AnyEvent, AwsEvent, Clock, Counter, Entity, Key, Part, Store, group

reports = Part()


class Runs(Entity, key=Key("kind", "day"), allow=group("staff")):
    kind: str
    day: str
    runs: Counter = 0


@reports.every(timedelta(minutes=1))
async def count_runs(*, days: Store[Runs], clock: Clock) -> None:
    await days.within("minutes").add(Runs(kind="minutes", day=clock.now().date().isoformat(), runs=1))


@reports.cron("0 9 ? * MON-FRI *", zone="Europe/Berlin")
async def open_shop(*, days: Store[Runs], clock: Clock) -> None:
    await days.within("mornings").add(Runs(kind="mornings", day=clock.now().date().isoformat(), runs=1))


class Told(Entity, key=Key("name", "day"), allow=group("staff")):
    name: str
    day: date
    times: Counter = 0


class ParcelArrived(
    AwsEvent,
    source="com.example.parcels",
    detail_type="Parcel State Change",
    pattern={"state": ["ARRIVED"], "shop": ["{environment}"]},
):
    parcel_id: str
    arrived_on: date


@reports.on(batch=50, window=timedelta(seconds=1))
async def count_told(events: Sequence[AnyEvent], /, *, told: Store[Told]) -> None:
    for event in events:
        await told.within(event.name).add(Told(name=event.name, day=event.time.date(), times=1))


@reports.on()
async def count_parcel(event: ParcelArrived, /, *, told: Store[Told]) -> None:
    await told.within("parcels").add(Told(name="parcels", day=event.arrived_on, times=1))


@reports.query(allow=group("staff"))
async def times_told(name: str, *, told: Store[Told]) -> int:
    """How often something was said, or a parcel arrived."""
    return sum(each.times for each in (await told.within(name).page()).nodes)
