"""Projections of disordered, repeated and late events, and those that are rebuilt from the archive, are what
an independent count of the raw events says.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from services.analytics import places
from services.analytics import service as analytics
from services.analytics.domain.counting import Metric
from services.analytics.domain.periods import Granularity
from services.analytics.tests.history import DAYS, SINCE, Oracle, disordered, events
from thestack.adapters.memory.blobs import MemoryBlobs
from thestack.adapters.memory.clock import FixedClock
from thestack.ports import Envelope, Query, Row
from thestack.runtime.keys import partition_key
from thestack.testing import Harness, Outcome, user

SAM = user("sam", "staff")
UNTIL = SINCE + timedelta(days=DAYS - 1)
REBUILD = "{ rebuild { generation planned switchedAt progress { sent done events } } }"
NUMBERS = """query ($s: Date!, $u: Date!, $m: Date!) {
  created: series(metric: EVENTS, name: "todo.created", since: $s, until: $u) { at count }
  completed: series(metric: EVENTS, name: "todo.completed", since: $s, until: $u, granularity: WEEK) {
    at count
  }
  unknown: series(metric: EVENTS, name: "weather.changed", since: $s, until: $u, granularity: MONTH) {
    at count
  }
  daily: series(metric: ACTIVE_USERS, since: $s, until: $u) { at count }
  weekly: series(metric: ACTIVE_USERS, since: $s, until: $u, granularity: WEEK) { at count }
  monthly: series(metric: ACTIVE_USERS, since: $s, until: $u, granularity: MONTH) { at count }
  images: series(metric: UPLOADS, name: "IMAGE", since: $s, until: $u) { at count total }
  videos: series(metric: UPLOADS, name: "VIDEO", since: $s, until: $u, granularity: MONTH) { at count total }
  types: top(metric: EVENTS, period: $m) { name count }
  users: top(metric: ACTIVE_USERS, period: $m) { name count }
  funnel(since: $s, until: $u, granularity: MONTH) {
    cohorts { since ...c } all { ...c }
  }
}
fragment c on Cohort {
  created attached completed deleted completedWithinHour completedWithinDay completedWithinWeek
  completionRate secondsToComplete
}"""


async def numbers(harness: Harness) -> dict[str, Any]:
    answer = await harness["analytics"].ask(NUMBERS, SAM, s=str(SINCE), u=str(UNTIL), m="2026-02-10")
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def expected(said: Sequence[Envelope]) -> dict[str, Any]:
    """The same, as the oracle has it."""
    oracle, counts = Oracle(said), Oracle(said).counts()
    days = [SINCE + timedelta(days=number) for number in range(DAYS)]
    weeks = [date(2025, 12, 29) + timedelta(weeks=number) for number in range(9)]
    months = [
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 31)),
    ]
    month = months[1]

    def total(name: str, since: date, until: date) -> int:
        return sum(n for (type, day), n in counts.items() if type == name and since <= day <= until)

    def week(since: date) -> tuple[date, date]:
        return since, since + timedelta(days=6)

    types = sorted({name for name, _ in counts}, key=lambda name: -total(name, *month))
    return {
        "created": [{"at": str(day), "count": counts.get(("todo.created", day), 0)} for day in days],
        "completed": [{"at": str(at), "count": total("todo.completed", *week(at))} for at in weeks],
        "unknown": [{"at": str(at), "count": total("weather.changed", at, to)} for at, to in months],
        "daily": [{"at": str(day), "count": oracle.active(day, day)} for day in days],
        "weekly": [{"at": str(at), "count": oracle.active(*week(at))} for at in weeks],
        "monthly": [{"at": str(at), "count": oracle.active(at, to)} for at, to in months],
        "images": [
            {"at": str(day), **dict(zip(("count", "total"), oracle.uploaded("IMAGE", day, day), strict=True))}
            for day in days
        ],
        "videos": [
            {"at": str(at), **dict(zip(("count", "total"), oracle.uploaded("VIDEO", at, to), strict=True))}
            for at, to in months
        ],
        "types": [{"name": name, "count": total(name, *month)} for name in types],
        "users": [count for _, count in oracle.busiest(*month)[:10]],
        "funnel": {
            "cohorts": [{"since": str(at), **oracle.cohort(at, to)} for at, to in months],
            "all": oracle.cohort(SINCE, UNTIL),
        },
    }


async def test_live_and_rebuilt_projections_are_what_an_oracle_counts() -> None:
    harness, said = Harness(analytics), events(10_000, seed=1)
    coming = disordered(said, seed=2)
    for start in range(0, len(coming) // 2, 100):
        await harness.deliver(*coming[start : start + 100])
    answer = await harness["analytics"].ask("mutation { rebuildProjections { generation } }", SAM)
    assert answer["data"]["rebuildProjections"] == {"generation": 2}
    await harness.settle(within=timedelta(0))
    for start in range(len(coming) // 2, len(coming), 100):  # while the rebuild runs
        await harness.deliver(*coming[start : start + 100])
    live = await numbers(harness)
    await harness.settle(within=timedelta(minutes=5))
    rebuild = (await harness["analytics"].ask(REBUILD, SAM))["data"]["rebuild"]
    assert (rebuild["planned"], rebuild["switchedAt"] is not None) == (True, True)
    assert harness.dead_letters == []
    rebuilt = await numbers(harness)
    wanted = expected(said)
    for found in (live, rebuilt):
        users = found.pop("users")
        assert [each["count"] for each in users] == wanted["users"]
        assert {each["name"]: each["count"] for each in users}.items() <= dict(
            Oracle(said).busiest(date(2026, 2, 1), date(2026, 2, 28))
        ).items()
        assert found == {name: each for name, each in wanted.items() if name != "users"}


async def rebuilt(harness: Harness, *, abandon: bool = False) -> dict[str, Any]:
    query = "mutation ($a: Boolean!) { rebuildProjections(abandon: $a) { generation } }"
    answer = await harness["analytics"].ask(query, SAM, a=abandon)
    await harness.settle(within=timedelta(minutes=5))
    return answer


@pytest.fixture
async def harness() -> Harness:
    harness = Harness(analytics)
    await harness.deliver(*events(60, seed=3))
    return harness


async def test_an_event_that_was_archived_and_failed_is_counted_once_when_it_comes_again() -> None:
    """A batch that is archived and lost before it is counted is counted by the rebuild."""
    harness, said = Harness(analytics), events(40, seed=3)
    whole = Harness(analytics)
    await whole.deliver(*said)
    kept = whole["analytics"].buckets["archive"]
    for key in kept.keys:
        blob = await kept.get(key, limit=1_000_000)
        await harness["analytics"].buckets["archive"].put(key, blob.data, content_type=blob.content_type)
    await rebuilt(harness)
    assert await numbers(harness) == await numbers(whole)
    assert set(await harness.deliver(*said)) == {Outcome.EFFECTED}
    assert await numbers(harness) == await numbers(whole)


async def test_what_comes_while_a_rebuild_runs_is_in_both(harness: Harness) -> None:
    before = await numbers(harness)
    await harness["analytics"].ask("mutation { rebuildProjections { generation } }", SAM)
    await harness.deliver(*events(120, seed=3))
    both = await numbers(harness)
    assert both != before
    await harness.settle(within=timedelta(minutes=5))
    assert await numbers(harness) == both


class SlowBucket(MemoryBlobs):
    """A bucket that takes nothing before it is opened."""

    def __init__(self, bucket: str, clock: FixedClock) -> None:
        super().__init__(bucket, clock)
        self.asked, self.opened = asyncio.Event(), asyncio.Event()

    async def put(
        self, key: str, data: bytes, *, content_type: str, cache_control: str | None = None
    ) -> None:
        self.asked.set()
        await self.opened.wait()
        await super().put(key, data, content_type=content_type, cache_control=cache_control)


async def test_what_is_being_archived_while_all_of_a_rebuild_is_done_is_not_missed() -> None:
    said, whole, harness = events(10, seed=4), Harness(analytics), Harness(analytics)
    await whole.deliver(*said)
    bucket = SlowBucket("archive", harness.clock)
    harness["analytics"].buckets["archive"] = bucket
    coming = asyncio.ensure_future(harness.deliver(*said))
    await bucket.asked.wait()
    await rebuilt(harness)
    bucket.opened.set()
    await coming
    assert await numbers(harness) == await numbers(whole)


async def test_there_is_one_rebuild_at_a_time_unless_it_is_abandoned(harness: Harness) -> None:
    start = "mutation { rebuildProjections { generation } }"
    await harness["analytics"].ask(start, SAM)
    again = await harness["analytics"].ask(start, SAM)
    assert again["errors"][0]["extensions"]["code"] == "REBUILD_RUNNING"
    before = await numbers(harness)
    answer = await rebuilt(harness, abandon=True)
    assert answer["data"]["rebuildProjections"] == {"generation": 3}
    assert await numbers(harness) == before


async def left(harness: Harness, generation: int) -> list[Row]:
    """The rows of a generation that are not over, wherever one may be."""
    days = [SINCE + timedelta(days=number) for number in range(-31, DAYS)]
    boards = [
        places.board(generation, metric, granularity, day)
        for metric in Metric
        for granularity in Granularity
        for day in days
    ]
    queries = [Query(partition_key("main", "TodoJourney", str(generation)))]
    queries += [Query(partition_key("main", "Score", board)) for board in boards]
    queries += [Query(partition_key("main", "Tally.by_name", board), "Tally.by_name") for board in boards]
    found = [row for query in queries for row in await harness["analytics"].store.query(query)]
    return [row for row in found if not row.is_over(harness.clock.now())]


async def test_nothing_is_left_of_old_generations(harness: Harness) -> None:
    await rebuilt(harness)
    after = await numbers(harness)
    assert await left(harness, 1)
    await harness.settle()
    assert await left(harness, 1) == []
    assert await left(harness, 2)
    assert await numbers(harness) == after
    assert harness.dead_letters == []


async def test_a_rebuild_of_nothing_is_done_at_once() -> None:
    harness = Harness(analytics)
    await rebuilt(harness)
    answer = (await harness["analytics"].ask(REBUILD, SAM))["data"]["rebuild"]
    assert answer["progress"] == {"sent": 0, "done": 0, "events": 0}
    assert answer["switchedAt"]


async def test_only_the_staff_may_rebuild(harness: Harness) -> None:
    for query in ("mutation { rebuildProjections { generation } }", REBUILD):
        answer = await harness["analytics"].ask(query, user("alice"))
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
