"""Lambda entry point of the relay:
fed by the table's stream, and by a schedule that finds what the stream left behind.
"""

import asyncio
import time
from typing import Any

import aiobotocore.session
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from thestack.adapters.aws.bus import EventBridgeBus
from thestack.adapters.aws.clock import SystemClock
from thestack.adapters.aws.queue import SqsQueue
from thestack.adapters.aws.store import DynamoStore, row_of_image
from thestack.definition import names
from thestack.entry.settings import from_environment
from thestack.entry.wiring import client, load_model, queue_url
from thestack.runtime.outbox import KIND, Entry, from_row
from thestack.runtime.relay import Relay

logger, metrics = Logger(), Metrics()
settings = from_environment()
model = load_model(settings.module)
session = aiobotocore.session.get_session()
relay = Relay(
    DynamoStore(client("dynamodb"), names.table(settings.environment, model.name)),
    EventBridgeBus(session, names.bus(settings.environment)),
    SqsQueue(session, lambda address: queue_url(settings, names.queue(settings.environment, address))),
)
clock = SystemClock()
loop = asyncio.Runner()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Carry a batch of stream records, or sweep; answers the records to be tried again."""
    began = time.perf_counter()
    if event.get("sweep"):
        numbers: dict[Entry, str] = {}
        refused = loop.run(relay.sweep(clock.now()))
    else:
        numbers = entries_of(event["Records"])
        refused = loop.run(relay.carry(list(numbers)))
    took = round((time.perf_counter() - began) * 1000, 1)
    for entry, why in refused.items():
        logger.warning("entry refused", entry=entry.envelope.id, destination=entry.destination, reason=why)
    logger.info("relayed", trigger="relay", entries=len(numbers), refused=len(refused), ms=took)
    metrics.add_metric(name="Refused", unit=MetricUnit.Count, value=len(refused))
    metrics.flush_metrics()
    return {
        "batchItemFailures": [{"itemIdentifier": numbers[entry]} for entry in refused if entry in numbers]
    }


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
            logger.error("not an outbox entry", reason=str(wrong))
    return found
