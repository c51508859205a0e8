"""The part of the bookshop that works by the clock."""

from datetime import timedelta

from thestack import Clock, Counter, Entity, Key, Part, Store, group

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
