"""How fast events go through analytics: archived, counted, each once."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.figures import Figure, Measurement, NotMeasured, Say
from thestack.definition import names
from thestack.definition.load import models
from thestack.local.description import LocalStack
from thestack.local.stack import ENVIRONMENT, start
from thestack.ports import Envelope

EVENTS = 5_000
USERS = 100
AT_ONCE = 10
"""How many events one request puts on the bus."""
_PATIENCE = 600.0
_LOOK_SECONDS = 0.2


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """5,000 events wait in the queue of analytics, which then begins to take them."""
    (analytics,) = models(root, ["analytics"])
    (count,) = (each for each in analytics.consumers if each.hears_all)
    with start(root, report=say, warm=True) as (stack, _):
        sqs, functions = stack.client("sqs"), stack.client("lambda")
        name = names.queue(ENVIRONMENT, f"{analytics.name}/{count.queue}")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        source = _source(functions, names.consumer_function(ENVIRONMENT, analytics.name, count))
        functions.update_event_source_mapping(UUID=source, Enabled=False)
        say(f"{EVENTS:,} events are put on the bus")
        _publish(stack)
        _until(lambda: _waiting(sqs, url) >= EVENTS, "the events are in the queue")
        say("analytics takes them")
        began = time.monotonic()
        functions.update_event_source_mapping(UUID=source, Enabled=True)
        _until(lambda: _waiting(sqs, url) == 0, "the queue is empty")
        lasted = time.monotonic() - began
        counted = _counted(stack)
        if counted != EVENTS:
            raise NotMeasured(f"{counted} of {EVENTS} events were counted")
    return [Figure("analytics.rate", f"events through analytics, {EVENTS:,}", "events/s", EVENTS / lasted)]


def events() -> Iterator[Envelope]:
    """Todos that are created and completed on one day, by a hundred users."""
    at = datetime.now(UTC) - timedelta(hours=1)
    for number in range(EVENTS):
        todo, is_new = f"todo-{number // 2}", number % 2 == 0
        name, moment = ("todo.created", "created_at") if is_new else ("todo.completed", "completed_at")
        owner = f"user-{number // 2 % USERS}"
        data = {"todo_id": todo, "owner_id": owner, moment: at.isoformat()}
        yield Envelope(f"bench-{number}", name, 1, "todo", f"Todo/{todo}", at, "main", data)


def _publish(stack: LocalStack) -> None:
    entries = [
        {
            "EventBusName": names.bus(ENVIRONMENT),
            "Source": each.source,
            "DetailType": each.type,
            "Detail": each.to_json(),
        }
        for each in events()
    ]
    bus = stack.client("events")

    def put(first: int) -> None:
        answer = bus.put_events(Entries=entries[first : first + AT_ONCE])
        if answer["FailedEntryCount"]:
            raise NotMeasured("the bus refuses events")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(0, EVENTS, AT_ONCE)))


def _source(functions: Any, name: str) -> str:
    """The event source of a function."""
    found = functions.list_event_source_mappings()["EventSourceMappings"]
    return next(str(each["UUID"]) for each in found if f":{name}" in each["FunctionArn"])


def _waiting(sqs: Any, url: str) -> int:
    """How many messages are in a queue, taken by somebody or not."""
    counted = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(counted))["Attributes"]
    return sum(int(found[each]) for each in counted)


def _counted(stack: LocalStack) -> int:
    """How many events the tallies of today and yesterday have."""
    table, total = stack.client("dynamodb"), 0
    pages = table.get_paginator("scan").paginate(TableName=names.table(ENVIRONMENT, "analytics"))
    for page in pages:
        for item in page["Items"]:
            series = item.get("series", {}).get("S", "")
            total += int(item["count"]["N"]) if "/EVENTS/" in series and "todo." in series else 0
    return total


def _until(is_so: Any, what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise NotMeasured(f"not within {_PATIENCE:.0f} s: {what}")
        time.sleep(_LOOK_SECONDS)


ANALYTICS = Measurement(
    "analytics",
    "Events through analytics",
    """The stack from its built bundles on the emulator. 5,000 events of a hundred users wait in analytics'
queue; the time is from its event source being switched on until the queue is empty. Each event is then in the
archive, and counted once in every projection, in transactions of ten events.""",
    measure,
)
