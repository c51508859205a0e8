"""The analytics service by itself, in memory."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.analytics import service as analytics
from thestack.ports import Envelope
from thestack.testing import Harness, Outcome, user

ALICE, SAM = user("alice"), user("sam", "staff")
ACTIVITY = """query ($s: Date!, $u: Date!, $a: String) {
    activity(since: $s, until: $u, first: 2, after: $a) {
      nodes { day created completed deleted } pageInfo { hasNextPage endCursor }
    }
}"""


@pytest.fixture
def harness() -> Harness:
    return Harness(analytics)


def event(id: object, name: str, at: str, source: str = "todo", **data: Any) -> Envelope:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return Envelope(f"{id}", name, 1, source, f"Thing/{id}", moment, "main", {"owner_id": "alice", **data})


def created(todo: str, at: str, owner: str = "alice") -> Envelope:
    return event(f"c-{todo}", "todo.created", at, todo_id=todo, created_at=f"{at}Z", owner_id=owner)


def completed(todo: str, at: str) -> Envelope:
    return event(f"d-{todo}", "todo.completed", at, todo_id=todo, completed_at=f"{at}Z")


async def asked(harness: Harness, query: str, **variables: Any) -> Any:
    answer = await harness["analytics"].ask(query, SAM, **variables)
    assert "errors" not in answer, answer
    return answer["data"]


async def test_what_happened_to_todos_is_counted_by_day_each_once(harness: Harness) -> None:
    events = [
        created("1", "2026-01-01T12:00"),
        created("2", "2026-01-01T23:59:59"),
        completed("1", "2026-01-02T00:00"),
        event(3, "todo.deleted", "2026-01-03T12:00", todo_id="2", deleted_at="2026-01-03T12:00Z"),
        event(4, "todo.edited", "2026-01-04T12:00"),
    ]
    for each in [*events, *events]:
        await harness.deliver(each)
    days = {"s": "2026-01-01", "u": "2026-01-04"}
    first = (await asked(harness, ACTIVITY, **days))["activity"]
    assert first["nodes"] == [
        {"day": "2026-01-01", "created": 2, "completed": 0, "deleted": 0},
        {"day": "2026-01-02", "created": 0, "completed": 1, "deleted": 0},
    ]
    assert first["pageInfo"]["hasNextPage"]
    rest = (await asked(harness, ACTIVITY, **days, a=first["pageInfo"]["endCursor"]))["activity"]
    assert rest["nodes"] == [{"day": "2026-01-03", "created": 0, "completed": 0, "deleted": 1}]
    assert not rest["pageInfo"]["hasNextPage"]


async def test_a_late_event_is_of_its_own_day_and_a_series_has_every_period(harness: Harness) -> None:
    await harness.deliver(event(1, "a.b", "2026-03-05T12:00"), event(2, "a.b", "2026-01-31T23:00"))
    query = """{
      days: series(metric: EVENTS, name: "a.b", since: "2026-03-04", until: "2026-03-06") { at count }
      months: series(
        metric: EVENTS, name: "a.b", since: "2026-01-31", until: "2026-03-01", granularity: MONTH
      ) { at count }
    }"""
    assert await asked(harness, query) == {
        "days": [{"at": f"2026-03-0{day}", "count": int(day == 5)} for day in (4, 5, 6)],
        "months": [{"at": f"2026-0{n}-01", "count": count} for n, count in ((1, 1), (2, 0), (3, 1))],
    }


async def test_an_event_that_nobody_declared_or_can_read_is_counted_and_never_fails(harness: Harness) -> None:
    strange = [
        event(1, "todo.created", "2026-01-01T12:00", todo_id=7, created_at="soon"),
        event(2, "media.uploaded", "2026-01-01T12:00", kind=None, bytes="many"),
        event(3, "Zoë's/own", "2026-01-01T12:00", owner_id={"no": "user"}),
    ]
    assert await harness.deliver(*strange[:2]) == [Outcome.EFFECTED] * 2
    assert await harness.deliver(event(4, "weather changed?", "2026-01-01T12:00")) == [Outcome.EFFECTED]
    top = '{ top(metric: EVENTS, period: "2026-01-01", granularity: DAY) { name count } }'
    names = [each["name"] for each in (await asked(harness, top))["top"]]
    assert names == ["media.uploaded", "todo.created", "weather changed?"]


async def test_who_is_active_and_most_active(harness: Harness) -> None:
    await harness.deliver(created("1", "2026-01-05T01:00"), created("2", "2026-01-06T01:00", "bob"))
    await harness.deliver(created("3", "2026-01-07T01:00"), created("4", "2026-02-07T01:00", "carol"))
    query = """{
      weeks: series(metric: ACTIVE_USERS, since: "2026-01-05", until: "2026-01-12", granularity: WEEK) {
        at count
      }
      top(metric: ACTIVE_USERS, period: "2026-01-31", first: 2) { name count }
    }"""
    assert await asked(harness, query) == {
        "weeks": [{"at": "2026-01-05", "count": 2}, {"at": "2026-01-12", "count": 0}],
        "top": [{"name": "alice", "count": 2}, {"name": "bob", "count": 1}],
    }


async def test_a_todo_is_of_the_cohort_of_its_creation_whatever_comes_first(harness: Harness) -> None:
    attached = event(9, "todo.attached", "2026-01-01T12:30", todo_id="1", attached_at="2026-01-01T12:30Z")
    await harness.deliver(completed("1", "2026-01-03T12:00"))
    await harness.deliver(attached, created("2", "2026-01-01T13:00"))
    await harness.deliver(created("1", "2026-01-01T12:00"))
    query = """{ funnel(since: "2026-01-01", until: "2026-01-02", granularity: DAY) {
      all {
        created attached completed completionRate secondsToComplete completedWithinDay completedWithinWeek
      }
      cohorts { since created completionRate }
    } }"""
    assert (await asked(harness, query))["funnel"] == {
        "all": {
            "created": 2,
            "attached": 1,
            "completed": 1,
            "completionRate": 0.5,
            "secondsToComplete": 172_800.0,
            "completedWithinDay": 0,
            "completedWithinWeek": 1,
        },
        "cohorts": [
            {"since": "2026-01-01", "created": 2, "completionRate": 0.5},
            {"since": "2026-01-02", "created": 0, "completionRate": None},
        ],
    }


async def test_uploads_are_counted_with_their_bytes(harness: Harness) -> None:
    sizes = [("IMAGE", 1_000), ("VIDEO", 5_000_000_000), ("IMAGE", 500)]
    uploads = [
        event(n, "media.uploaded", "2026-01-01T12:00", "media", kind=kind, bytes=size, media_id=str(n))
        for n, (kind, size) in enumerate(sizes)
    ]
    await harness.deliver(*uploads)
    query = '{ top(metric: UPLOADS, period: "2026-01-01", granularity: WEEK) { name count total } }'
    assert (await asked(harness, query))["top"] == [
        {"name": "IMAGE", "count": 2, "total": 1_500},
        {"name": "VIDEO", "count": 1, "total": 5_000_000_000},
    ]


async def test_the_archive_has_every_event_by_date_and_type_as_compressed_lines(harness: Harness) -> None:
    said = [
        created("1", "2026-01-01T12:00"),
        created("2", "2026-01-01T13:00"),
        event(3, "a b", "2026-01-02T00:00"),
    ]
    await harness.deliver(*said)
    kept = harness["analytics"].buckets["archive"]
    first, second = kept.keys
    assert first.startswith("events/main/date=2026-01-01/type=todo.created/002-")
    assert second.startswith("events/main/date=2026-01-02/type=a%20b/001-")
    lines = gzip.decompress((await kept.get(first, limit=10_000)).data).splitlines()
    found = {each["id"]: each for each in map(json.loads, lines)}
    assert found["c-1"] == {
        "id": "c-1",
        "name": "todo.created",
        "version": 1,
        "source": "todo",
        "subject": "Thing/c-1",
        "time": "2026-01-01T12:00:00+00:00",
        "tenant": "main",
        "data": {"owner_id": "alice", "todo_id": "1", "created_at": "2026-01-01T12:00Z"},
    }
    await harness.deliver(*said)
    assert kept.keys == [first, second]


@pytest.mark.parametrize(
    "query",
    [
        'series(metric: EVENTS, name: "a", since: "2026-01-02", until: "2026-01-01") { count }',
        'series(metric: EVENTS, name: "a", since: "2026-01-01", until: "2027-01-02") { count }',
        'series(metric: EVENTS, since: "2020-01-01", until: "2026-01-02", granularity: WEEK) { count }',
        'funnel(since: "2026-01-02", until: "2026-01-01") { all { created } }',
        'top(metric: EVENTS, period: "2026-01-01", first: 101) { count }',
    ],
)
async def test_more_than_can_be_read_at_once_is_refused(harness: Harness, query: str) -> None:
    answer = await harness["analytics"].ask(f"{{ {query} }}", SAM)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", answer


@pytest.mark.parametrize(
    "query",
    [
        'activity(since: "2026-01-01", until: "2026-01-02") { nodes { day } }',
        'series(metric: ACTIVE_USERS, since: "2026-01-01", until: "2026-01-02") { count }',
        'top(metric: ACTIVE_USERS, period: "2026-01-01") { name }',
        'funnel(since: "2026-01-01", until: "2026-01-02") { all { created } }',
    ],
)
async def test_only_the_staff_may_ask(harness: Harness, query: str) -> None:
    answer = await harness["analytics"].ask(f"{{ {query} }}", ALICE)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
