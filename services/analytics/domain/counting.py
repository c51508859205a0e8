"""From facts to what is added where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.analytics.domain.facts import Fact
from services.analytics.domain.periods import Granularity, begin, day_of
from services.analytics.domain.sums import Sum

LARGEST_TRANSACTION = 90
"""Of the hundred writes that are done at once some are left to those who do them."""


class Metric(StrEnum):
    """What is counted: events by their type, active users, uploads by their kind (with their bytes), todos by
    the day of their creation and what became of them (with the seconds until they were completed).
    """

    EVENTS = "EVENTS"
    ACTIVE_USERS = "ACTIVE_USERS"
    UPLOADS = "UPLOADS"
    TODOS = "TODOS"


@dataclass(frozen=True, slots=True)
class Cell:
    """A place where something is added up: a metric's name in one period."""

    metric: Metric
    name: str
    granularity: Granularity
    at: date


@dataclass(frozen=True, slots=True)
class Visit:
    """A user in a period."""

    granularity: Granularity
    at: date
    user: str


ALL = "all"
"""The name of a metric's only series."""


def cell_of(metric: Metric, name: str, day: date) -> Cell:
    """Where something is added up of which weeks and months are the sums of their days."""
    return Cell(metric, name, Granularity.DAY, day)


def added(facts: Iterable[Fact]) -> Mapping[Cell, Sum]:
    """What each event counts by itself, whatever else there was."""
    sums: dict[Cell, Sum] = {}
    for fact in facts:
        day = day_of(fact.at)
        said = {cell_of(Metric.EVENTS, fact.name, day): Sum(1)}
        if fact.upload:
            said[cell_of(Metric.UPLOADS, fact.upload.kind, day)] = Sum(1, fact.upload.size)
        for cell, one in said.items():
            sums[cell] = sums.get(cell, Sum()) + one
    return sums


def visits(facts: Iterable[Fact]) -> Mapping[Visit, int]:
    """How often each user did something, by period."""
    counted: dict[Visit, int] = {}
    for fact in facts:
        if fact.user is None:
            continue
        for granularity in Granularity:
            visit = Visit(granularity, begin(granularity, day_of(fact.at)), fact.user)
            counted[visit] = counted.get(visit, 0) + 1
    return counted


def writes(facts: Sequence[Fact]) -> int:
    """How many rows these facts change at most."""
    todos = {fact.progress.todo_id for fact in facts if fact.progress}
    days = {(each, begin(each, day_of(fact.at))) for fact in facts for each in Granularity}
    of_todos = 4 * len(todos)
    return len(facts) + len(added(facts)) + len(visits(facts)) + len(days) + len(todos) + of_todos


def fitting(facts: Sequence[Fact]) -> Sequence[Fact]:
    """The first of the facts, as many as one transaction has room for, and one at least."""
    count = len(facts)
    while count > 1 and writes(facts[:count]) > LARGEST_TRANSACTION:
        count -= 1
    return facts[:count]
