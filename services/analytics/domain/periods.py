"""Days, weeks and months, each known by the day (UTC) on which it begins."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum


class Granularity(StrEnum):
    """How long a period of a series is; a week begins on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


def day_of(moment: datetime) -> date:
    """The day, in UTC, of a moment anywhere."""
    return moment.astimezone(UTC).date()


def begin(granularity: Granularity, day: date) -> date:
    """The first day of the period that a day is in."""
    match granularity:
        case Granularity.DAY:
            return day
        case Granularity.WEEK:
            return day - timedelta(days=day.weekday())
        case Granularity.MONTH:
            return day.replace(day=1)


def periods(granularity: Granularity, since: date, until: date) -> Iterator[date]:
    """The beginnings of the periods that have a day from `since` to `until`, both included."""
    at = begin(granularity, since)
    while at <= until:
        yield at
        at = following(granularity, at)


def following(granularity: Granularity, at: date) -> date:
    """The beginning of the next period."""
    steps = {Granularity.DAY: 1, Granularity.WEEK: 7, Granularity.MONTH: 31}
    return begin(granularity, at + timedelta(days=steps[granularity]))
