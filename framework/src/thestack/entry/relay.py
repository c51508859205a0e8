"""Lambda entry point of the relay:
fed by the table's stream, and by a schedule that finds what the stream left behind.
"""

import asyncio
import time
from typing import Any

import aiobotocore.session
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from thestack.adapters.aws.bus import EventBridgeBus
from thestack.adapters.aws.clock import SystemClock
from thestack.adapters.aws.queue import SqsQueue
from thestack.adapters.aws.store import DynamoStore, row_of_image
from thestack.definition import names
from thestack.definition.problems import Problem
from thestack.entry.settings import from_environment
from thestack.entry.telemetry import WENT_WELL, Telemetry, waited
from thestack.entry.wiring import client, load_model, queue_url, scheduler_of
from thestack.runtime.outbox import KIND, Entry, from_row
from thestack.runtime.relay import Relay

metrics = Metrics()
settings = from_environment()
telemetry = Telemetry("relay")
model = load_model(settings.module)
session = aiobotocore.session.get_session()
relay = Relay(
    DynamoStore(client("dynamodb"), names.table(settings.environment, model.name, settings.epoch)),
    EventBridgeBus(session, names.bus(settings.environment)),
    SqsQueue(session, lambda address: queue_url(settings, names.queue(settings.environment, address))),
    scheduler_of(model, settings, session) if settings.scheduler_role else None,
)
clock = SystemClock()
loop = asyncio.Runner()


class Undelivered(Problem, code="UNDELIVERED"):
    """Bus or queue did not take an entry, to the end; it stays in the outbox, and the next sweep finds it."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Carry a batch of stream records, or sweep; answers the records to be tried again."""
    began = time.perf_counter()
    numbers: dict[Entry, str] = {}
    if event.get("sweep"):
        entries = loop.run(relay.left_behind(clock.now()))
    else:
        numbers = entries_of(event["Records"])
        entries = list(numbers)
    waits = [waited(entry.envelope) for entry in entries]
    refused = loop.run(relay.carry(entries, clock.now())) if entries else {}
    for entry, wait in zip(entries, waits, strict=True):
        _tell(entry, wait, refused.get(entry), began)
    if not entries:
        telemetry.logger.info("nothing to carry")
    if refused:  # a metric that is told at every sweep is paid for all month
        metrics.add_metric(name=names.REFUSED, unit=MetricUnit.Count, value=len(refused))
        metrics.flush_metrics()
    return {
        "batchItemFailures": [{"itemIdentifier": numbers[entry]} for entry in refused if entry in numbers]
    }


def _tell(entry: Entry, wait: float, reason: str | None, began: float) -> None:
    telemetry.tell(
        "refused" if reason else WENT_WELL,
        began,
        level="warning" if reason else "info",
        correlation_id=entry.envelope.correlation_id,
        failure=Undelivered(reason) if reason else None,
        event_id=entry.envelope.id,
        type=entry.envelope.type,
        destination=entry.destination,
        waited=wait,
    )


def entries_of(records: list[dict[str, Any]]) -> dict[Entry, str]:
    """The outbox entries among stream records, each with its record's sequence number.

    A record that is none is logged and passed over.
    """
    found: dict[Entry, str] = {}
    for record in records:
        image = record["dynamodb"].get("NewImage")
        if record["eventName"] != "INSERT" or not image:
            continue
        try:
            row = row_of_image(image)
            if row.kind == KIND:
                found[from_row(row)] = record["dynamodb"]["SequenceNumber"]
        except (KeyError, ValueError) as wrong:
            telemetry.logger.error("not an outbox entry", reason=str(wrong))
    return found
