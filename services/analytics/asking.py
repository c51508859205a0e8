"""What the staff asks: series, rankings, and what becomes of todos. Nothing here reads more than it answers,
of a year of days at most.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from services.analytics import places
from services.analytics.domain.cohorts import NAMES, Todos, joined
from services.analytics.domain.counting import ALL, Metric
from services.analytics.domain.periods import Granularity, begin, following, periods
from services.analytics.domain.sums import Sum
from services.analytics.rows import STAFF, THE_ONE, Generations, Score, Tally
from thestack import BadInput, Connection, Cursor, Edge, Page, Part, Store, Value

asking = Part()
LONGEST = 366
"""How many days a series has at most; weeks and months may be those of five years."""
MOST_NAMES = 200
"""Of how many names a day's board is read: there are not so many types of events."""


class Point(Value):
    """How many there were in the period that begins then, and what else they add up to: of uploads their
    bytes, of completed todos the seconds that they took.
    """

    at: date
    count: int
    total: float


class Ranked(Value):
    """A name, or a user's id, with how many there were."""

    name: str
    count: int
    total: float


class Cohort(Value):
    """What became so far of the todos that were created in a period."""

    since: date
    created: int
    attached: int
    completed: int
    deleted: int
    completed_within_hour: int
    completed_within_day: int
    completed_within_week: int
    completion_rate: float | None
    seconds_to_complete: float | None


class Funnel(Value):
    """From creation to completion: all todos of a time, and by the period of their creation."""

    all: Cohort
    cohorts: list[Cohort]


class Activity(Value):
    """How many todos were created, completed and deleted on a day (UTC)."""

    day: date
    created: int
    completed: int
    deleted: int


@asking.query(allow=STAFF)
async def series(
    metric: Metric,
    since: date,
    until: date,
    granularity: Granularity = Granularity.DAY,
    name: str = ALL,
    *,
    generations: Store[Generations],
    tallies: Store[Tally],
) -> list[Point]:
    """A point for each period that has a day from `since` to `until`, both included.

    `name` is an event's, "todo.created", of uploads the kind, "IMAGE", of todos what became of those that
    were created in the period: "completed". Active users have one series.
    """
    asked = _periods(granularity, since, until)
    found = await _sums(await _live(generations), metric, granularity, asked, [name], tallies)
    points = ((at, found.get((at, name), Sum())) for at in asked)
    return [Point(at=at, count=each.count, total=each.total) for at, each in points]


@asking.query(allow=STAFF)
async def top(
    metric: Metric,
    period: date,
    granularity: Granularity = Granularity.MONTH,
    first: int = 10,
    *,
    generations: Store[Generations],
    tallies: Store[Tally],
    scores: Store[Score],
) -> list[Ranked]:
    """The first names of a metric in the day, week or month that has the day `period`: the most frequent
    events, the most active users.
    """
    if not 1 <= first <= 100:
        raise BadInput("Ask for 1 to 100.", field=("first",))
    generation, at = await _live(generations), begin(granularity, period)
    if metric is Metric.ACTIVE_USERS:
        board = places.board(generation, metric, granularity, at)
        best = await scores.within(board).page(Score.by_events.descending(), Page(first=first))
        return [Ranked(name=each.user_id, count=each.events, total=0) for each in best.nodes]
    days = periods(Granularity.DAY, at, following(granularity, at) - timedelta(days=1))
    boards = [places.board(generation, metric, Granularity.DAY, day) for day in days]
    there = await asyncio.gather(
        *(tallies.within(board).page(Tally.by_name, Page(first=MOST_NAMES)) for board in boards)
    )
    sums: dict[str, Sum] = {}
    for each in (each for page in there for each in page.nodes):
        sums[each.name] = sums.get(each.name, Sum()) + Sum(each.count, each.total)
    ranked = sorted(sums, key=lambda name: (-sums[name].count, name))[:first]
    return [Ranked(name=name, count=sums[name].count, total=sums[name].total) for name in ranked]


@asking.query(allow=STAFF)
async def funnel(
    since: date,
    until: date,
    granularity: Granularity = Granularity.WEEK,
    *,
    generations: Store[Generations],
    tallies: Store[Tally],
) -> Funnel:
    """What became of the todos that were created in the periods that have a day from `since` to `until`."""
    asked = _periods(granularity, since, until)
    found = await _sums(await _live(generations), Metric.TODOS, granularity, asked, NAMES, tallies)
    cohorts = [Todos({name: found.get((at, name), Sum()) for name in NAMES}) for at in asked]
    each = [_cohort(at, todos) for at, todos in zip(asked, cohorts, strict=True)]
    return Funnel(all=_cohort(asked[0], joined(cohorts)), cohorts=each)


@asking.query(allow=STAFF)
async def activity(
    since: date, until: date, page: Page, *, generations: Store[Generations], tallies: Store[Tally]
) -> Connection[Activity]:
    """The days from `since` to `until`, both included, on which something happened to todos."""
    asked = [at for at in _periods(Granularity.DAY, since, until) if at.isoformat() > (page.after or "")]
    names = ["todo.created", "todo.completed", "todo.deleted"]
    found = await _sums(await _live(generations), Metric.EVENTS, Granularity.DAY, asked, names, tallies)
    days = sorted({at for at, _ in found})
    edges: list[Edge[Activity]] = []
    for day in days[: page.first]:
        created, completed, deleted = (found.get((day, name), Sum()).count for name in names)
        node = Activity(day=day, created=created, completed=completed, deleted=deleted)
        edges.append(Edge(Cursor(day.isoformat()), node))
    end = edges[-1].cursor if edges else None
    return Connection(edges, len(days) > page.first, end, page.after is not None)


async def _live(generations: Store[Generations]) -> int:
    there = await generations.within(THE_ONE).find()
    return there.live if there else 1


def _periods(granularity: Granularity, since: date, until: date) -> list[date]:
    """The periods that are asked for. Raises `BadInput` for none, and for more days than are read at once."""
    if until < since:
        raise BadInput("This is before `since`.", field=("until",))
    most = LONGEST if granularity is Granularity.DAY else 5 * LONGEST
    if (until - since).days >= most:
        raise BadInput(f"Ask for {most} days at most.", field=("until",))
    return list(periods(granularity, since, until))


async def _sums(
    generation: int,
    metric: Metric,
    granularity: Granularity,
    asked: Sequence[date],
    names: Sequence[str],
    tallies: Store[Tally],
) -> Mapping[tuple[date, str], Sum]:
    """What was added up under these names, in these periods, where there is something.

    How many were active in a week is kept, as it is no sum; everything else is the sum of its days.
    """
    if not asked:
        return {}
    kept = granularity if metric is Metric.ACTIVE_USERS else Granularity.DAY
    end = following(granularity, asked[-1]) - timedelta(days=1)

    async def of(name: str) -> list[Tally]:
        rows = tallies.within(places.series(generation, metric, kept, name))
        return (await rows.page(Tally.by_at.between(asked[0], end), Page(first=6 * LONGEST))).nodes

    sums: dict[tuple[date, str], Sum] = {}
    for each in (each for there in await asyncio.gather(*map(of, names)) for each in there):
        if each.count:
            place = begin(granularity, each.at), each.name
            sums[place] = sums.get(place, Sum()) + Sum(each.count, each.total)
    return sums


def _cohort(since: date, todos: Todos) -> Cohort:
    return Cohort(
        since=since,
        created=todos.count("created"),
        attached=todos.count("attached"),
        completed=todos.count("completed"),
        deleted=todos.count("deleted"),
        completed_within_hour=todos.count("completed_within_hour"),
        completed_within_day=todos.count("completed_within_day"),
        completed_within_week=todos.count("completed_within_week"),
        completion_rate=todos.completion_rate,
        seconds_to_complete=todos.seconds_to_complete,
    )
