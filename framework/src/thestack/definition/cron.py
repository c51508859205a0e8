"""Cron expressions as EventBridge Scheduler reads them: six fields, minutes first and the year last."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = {name: number for number, name in enumerate(_MONTHS, 1)}
DAYS = {name: number for number, name in enumerate(_DAYS, 1)}
EVERY_DAY = "?"
LONGEST_LOOK = timedelta(days=366 * 8)
"""How far ahead a moment is looked for: the 29th of February may be 8 years away."""

IsDay = Callable[[date], bool]


class WrongCron(ValueError):
    """What is wrong with an expression. `right` is one that would do, where one is at hand."""

    def __init__(self, message: str, right: str = "") -> None:
        super().__init__(message)
        self.right = right


@dataclass(frozen=True, slots=True)
class Field:
    """A field's name, its values, the words for them, and what else it takes beside `*`, `,`, `-`."""

    name: str
    low: int
    high: int
    words: Mapping[str, int]
    also: str


MINUTES, HOURS = Field("minutes", 0, 59, {}, "/"), Field("hours", 0, 23, {}, "/")
DAY_OF_MONTH, MONTH = Field("day of month", 1, 31, {}, "?/LW"), Field("month", 1, 12, MONTHS, "/")
DAY_OF_WEEK, YEAR = Field("day of week", 1, 7, DAYS, "?L#"), Field("year", 1970, 2199, {}, "/")
FIELDS = (MINUTES, HOURS, DAY_OF_MONTH, MONTH, DAY_OF_WEEK, YEAR)


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    is_day: IsDay

    def next(self, after: datetime, zone: str) -> datetime | None:
        """The first moment after `after`, in UTC; None where there is none within some years.

        A time that the clocks skip in spring does not come; one that they repeat in autumn comes once.
        """
        local = ZoneInfo(zone)
        day = after.astimezone(local).date()
        for _ in range(LONGEST_LOOK.days):
            if day.year in self.years and day.month in self.months and self.is_day(day):
                for moment in self._on(day, local):
                    if moment > after:
                        return moment
            if day.year > max(self.years):
                return None
            day += timedelta(days=1)
        return None

    def times_in(self, year: int) -> int:
        """How often it comes in a year, whatever the clocks do."""
        days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
        named = sum(day.year == year and day.month in self.months and self.is_day(day) for day in days)
        return named * len(self.hours) * len(self.minutes)

    def _on(self, day: date, zone: ZoneInfo) -> Iterable[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                there = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                moment = there.astimezone(UTC)
                if moment.astimezone(zone).replace(tzinfo=None) == there.replace(tzinfo=None):
                    yield moment


def parse(expression: str) -> Cron:
    """An expression without `cron(...)` around it. Raises `WrongCron`."""
    texts = expression.upper().split()
    if len(texts) != len(FIELDS):
        names = ", ".join(field.name for field in FIELDS)
        raise WrongCron(f"it has {len(texts)} of the six fields {names}", _six(texts))
    minutes, hours, month_day, months, week_day, years = texts
    if (month_day == EVERY_DAY) == (week_day == EVERY_DAY):
        fixed = "*" if month_day == EVERY_DAY else month_day
        right = [minutes, hours, fixed, months, EVERY_DAY, years]
        if fixed == "*" and week_day not in ("*", EVERY_DAY):
            right = [minutes, hours, EVERY_DAY, months, week_day, years]
        raise WrongCron("either the day of month or the day of week is `?`, and not both", " ".join(right))
    is_day = _month_day(month_day) if week_day == EVERY_DAY else _week_day(week_day)
    return Cron(
        _values(MINUTES, minutes), _values(HOURS, hours), _values(MONTH, months), _values(YEAR, years), is_day
    )


def _six(texts: list[str]) -> str:
    """Unix's five fields as EventBridge's six; no guess where there are others."""
    if len(texts) != len(FIELDS) - 1:
        return ""
    minutes, hours, month_day, month, week_day = texts
    if week_day == "*":
        week_day = EVERY_DAY
    else:  # Unix counts from Sunday as 0, EventBridge as 1
        month_day = EVERY_DAY
        week_day = re.sub(r"\d+", lambda found: _DAYS[int(found[0]) % 7], week_day)
    six = " ".join([minutes, hours, month_day, month, week_day, "*"])
    try:
        parse(six)
    except WrongCron:
        return ""
    return six


def _values(field: Field, text: str) -> frozenset[int]:
    """The values that a list of numbers, ranges and steps stands for."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if slash and ("/" not in field.also or not step.isdigit() or int(step) == 0):
            raise _wrong(field, part)
        first, dash, last = span.partition("-")
        if span == "*":
            low, high = field.low, field.high
        else:
            low = _number(field, first)
            high = _number(field, last) if dash else field.high if slash else low
        if low > high and field is not DAY_OF_WEEK:
            raise _wrong(field, part)
        spread = range(low, high + 1) if low <= high else (*range(low, 8), *range(1, high + 1))
        found.update(spread[:: int(step) if slash else 1])
    return frozenset(found)


def _month_day(text: str) -> IsDay:
    if text == "L":
        return lambda day: day.day == _length(day)
    if text == "LW":
        return lambda day: day.day == _nearest_weekday(day, _length(day))
    if match := re.fullmatch(r"(\d+)W", text):
        wanted = _number(DAY_OF_MONTH, match[1])
        return lambda day: wanted <= _length(day) and day.day == _nearest_weekday(day, wanted)
    days = _values(DAY_OF_MONTH, text)
    return lambda day: day.day in days


def _week_day(text: str) -> IsDay:
    if text == "L":
        return lambda day: _counted(day) == DAYS["SAT"]
    if match := re.fullmatch(r"(\w+)L", text):
        last = _number(DAY_OF_WEEK, match[1])
        return lambda day: _counted(day) == last and day.day > _length(day) - 7
    if match := re.fullmatch(r"(\w+)#([1-5])", text):
        wanted, nth = _number(DAY_OF_WEEK, match[1]), int(match[2])
        return lambda day: _counted(day) == wanted and (day.day + 6) // 7 == nth
    days = _values(DAY_OF_WEEK, text)
    return lambda day: _counted(day) in days


def _number(field: Field, text: str) -> int:
    number = field.words.get(text, int(text) if text.isascii() and text.isdigit() else -1)
    if not field.low <= number <= field.high:
        raise _wrong(field, text)
    return number


def _wrong(field: Field, text: str) -> WrongCron:
    words = f" or {'-'.join((*field.words,)[:: len(field.words) - 1])}" if field.words else ""
    return WrongCron(
        f"{text or 'nothing'} stands for the {field.name}, which is {field.low}-{field.high}{words}"
    )


def _counted(day: date) -> int:
    """The day of the week as EventBridge counts it: Sunday is 1."""
    return day.isoweekday() % 7 + 1


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _nearest_weekday(month: date, wanted: int) -> int:
    """The working day nearest to a day, in the same month."""
    day = month.replace(day=wanted)
    if day.isoweekday() == 6:
        return wanted - 1 if wanted > 1 else wanted + 2
    if day.isoweekday() == 7:
        return wanted + 1 if wanted < _length(month) else wanted - 2
    return wanted
