"""What the staff learns of all that happened, and that the archive tells the same."""

import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.steps import todos
from tests.e2e.steps.telling import equal, expect
from tests.e2e.steps.world import World
from thestack.definition import names

NUMBERS = """query Numbers($since: Date!, $until: Date!) {
  created: series(metric: EVENTS, name: "todo.created", since: $since, until: $until) { count }
  active: series(metric: ACTIVE_USERS, since: $since, until: $until, granularity: MONTH) { count }
  uploads: series(metric: UPLOADS, name: "IMAGE", since: $since, until: $until) { count total }
  types: top(metric: EVENTS, period: $until, granularity: WEEK) { name count }
  users: top(metric: ACTIVE_USERS, period: $until, granularity: DAY) { count }
  funnel(since: $since, until: $until) {
    all { created attached completed deleted completionRate completedWithinHour secondsToComplete }
  }
}"""
REBUILD = "mutation Rebuild { rebuildProjections { generation } }"
PROGRESS = "{ rebuild { generation planned switchedAt progress { sent done events } } }"


def told(world: World) -> None:
    """Sam sees series, rankings and the funnel of all that was done; alice may not."""
    created = len(todos.TITLES) + 1
    numbers = world.eventually("the numbers", lambda: _whole(world, created))
    equal(sum(each["count"] for each in numbers["created"]), created, "todos in the series")
    expect(max(each["count"] for each in numbers["active"]) >= 2, "alice and bob are active")
    everything = numbers["funnel"]["all"]
    equal((everything["created"], everything["completed"]), (created, 2), "todos created and completed")
    equal(everything["completedWithinHour"], 2, "todos completed within an hour")
    equal(round(everything["completionRate"], 6), round(2 / created, 6), "the completion rate")
    expect(everything["attached"] >= 1, "a todo was attached")
    images = {key: sum(each[key] for each in numbers["uploads"]) for key in ("count", "total")}
    expect(images["count"] >= 1 and images["total"] > 10_000, f"images came: {images}")
    equal(set(world.ask("alice", NUMBERS, **_days()).codes), {"FORBIDDEN"}, "codes for alice")


def archived(world: World) -> None:
    """Each event lies in the archive as it came, by its date and type, in compressed lines."""
    began, s3 = time.perf_counter(), world.stack.client("s3")
    bucket = _archive(world)
    there = s3.list_objects_v2(Bucket=bucket, Prefix="events/").get("Contents", ())
    shelf = f"/date={datetime.now(UTC).date()}/type=todo.created/"
    keys = [each["Key"] for each in there if shelf in each["Key"]]
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
    lines = [json.loads(line) for body in bodies for line in gzip.decompress(body).splitlines()]
    said = f"aws s3 cp --recursive s3://{bucket}/events/...{shelf}"
    world.story.current.tell(said, f"{len(lines)} lines", began)
    equal(len({line["id"] for line in lines}), len(todos.TITLES) + 1, "todo.created in the archive")


def rebuilt(world: World) -> None:
    """The projections are built anew from the archive, and say the same."""
    before = world.ask("sam", NUMBERS, **_days()).data
    generation = world.ask("sam", REBUILD).data["rebuildProjections"]["generation"]

    def switched() -> dict[str, Any] | None:
        rebuild: dict[str, Any] = world.ask("sam", PROGRESS).data["rebuild"]
        return rebuild if rebuild["switchedAt"] and rebuild["generation"] == generation else None

    rebuild = world.eventually("the rebuilt projections", switched)
    progress = rebuild["progress"]
    equal(progress["done"], progress["sent"], "parts that are done")
    expect(
        progress["events"] >= sum(each["count"] for each in before["types"]), "all events are counted anew"
    )
    equal(world.ask("sam", NUMBERS, **_days()).data, before, "the numbers")
    equal(world.ask("alice", REBUILD).codes, ["FORBIDDEN"], "code for alice")


def _whole(world: World, created: int) -> dict[str, Any] | None:
    numbers: dict[str, Any] = world.ask("sam", NUMBERS, **_days()).data
    of_todos = numbers["funnel"]["all"]
    return numbers if (of_todos["created"], of_todos["completed"]) == (created, 2) else None


def _archive(world: World) -> str:
    return names.bucket(world.stack.environment, "analytics", "archive", "000000000000")


def _days() -> dict[str, str]:
    today = datetime.now(UTC).date()
    return {"since": str(today - timedelta(days=1)), "until": str(today)}
