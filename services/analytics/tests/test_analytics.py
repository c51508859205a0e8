"""The analytics service by itself, in memory."""

from datetime import UTC, datetime

import pytest

from services.analytics import service as analytics
from services.analytics.service import Daily, TodoCompleted, TodoCreated, TodoDeleted
from thestack import Id
from thestack.ports import Envelope
from thestack.testing import BEGIN, Harness, memory, user

ALICE, SAM = user("alice"), user("sam", "staff")
ACTIVITY = """query ($s: Date!, $u: Date!) {
    activity(since: $s, until: $u) { nodes { day created completed deleted } }
}"""


@pytest.fixture
def harness() -> Harness:
    return Harness(analytics)


def event(id: int, name: str, field: str, day: str) -> Envelope:
    data = {"owner_id": "alice", field: f"{day}T12:00:00Z", "a_field_of_tomorrow": 1}
    return Envelope(f"{id}", name, 1, "todo", f"Todo/{id}", datetime(2026, 1, 1, tzinfo=UTC), "main", data)


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        (TodoCreated(owner_id=Id("alice"), created_at=BEGIN), {"created": 1}),
        (TodoCompleted(owner_id=Id("alice"), completed_at=BEGIN), {"completed": 1}),
        (TodoDeleted(owner_id=Id("alice"), deleted_at=BEGIN), {"deleted": 1}),
    ],
)
async def test_each_event_counts_on_its_day(
    said: TodoCreated | TodoCompleted | TodoDeleted, counted: dict[str, int]
) -> None:
    daily = memory(Daily)
    await analytics.count(said, daily=daily)
    await daily.commit()
    assert daily.rows == [Daily(metric="todos", day=BEGIN.date(), **counted)]


async def test_events_are_counted_by_day_each_once(harness: Harness) -> None:
    events = [
        event(1, "todo.created", "created_at", "2026-01-01"),
        event(2, "todo.created", "created_at", "2026-01-01"),
        event(3, "todo.completed", "completed_at", "2026-01-02"),
        event(4, "todo.deleted", "deleted_at", "2026-01-03"),
    ]
    for each in [*events, *events]:
        await harness.deliver(each)
    answer = await harness["analytics"].ask(ACTIVITY, SAM, s="2026-01-01", u="2026-01-02")
    assert answer["data"]["activity"]["nodes"] == [
        {"day": "2026-01-01", "created": 2, "completed": 0, "deleted": 0},
        {"day": "2026-01-02", "created": 0, "completed": 1, "deleted": 0},
    ]


async def test_only_the_staff_may_ask(harness: Harness) -> None:
    answer = await harness["analytics"].ask(ACTIVITY, ALICE, s="2026-01-01", u="2026-01-02")
    assert answer["data"] == {"activity": None}
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
