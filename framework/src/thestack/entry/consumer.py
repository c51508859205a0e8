"""Lambda entry point of one consumer:
takes a batch of its queue and answers which messages must come again.
"""

import asyncio
import time
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from thestack.adapters.aws.deliveries import SqsDeliveries
from thestack.definition import names
from thestack.entry.settings import from_environment
from thestack.entry.telemetry import Telemetry, caused_by, waited
from thestack.entry.wiring import client, load_model, package_of, ports_of, queue_url
from thestack.ports import Delivery
from thestack.runtime.batches import take_all
from thestack.runtime.consume import Consumer, Outcome
from thestack.runtime.journal import Journal

LEVELS = {Outcome.RETRY: "warning", Outcome.PARKED: "error"}

metrics = Metrics()
settings = from_environment()
telemetry = Telemetry(settings.consumer, package=package_of(settings.module))
model = load_model(settings.module)
definition = next(each for each in model.consumers if each.name == settings.consumer)
address = f"{model.name}/{definition.queue}"
deliveries = SqsDeliveries(
    client("sqs"),
    queue_url(settings, names.queue(settings.environment, address)),
    queue_url(settings, names.dead_letter_queue(settings.environment, address)),
)
consumer = Consumer(model, definition, ports_of(model, settings, (definition.handler,)), deliveries)
loop = asyncio.Runner()


async def take(delivery: Delivery) -> bool:
    """Handle one message of the batch; answers whether it is done."""
    began, journal = time.perf_counter(), Journal()
    failure: Exception | None
    try:
        outcome, failure = await consumer.take(delivery, journal)
    except Exception as wrong:  # the queue would not hear what became of the message, so it comes again
        outcome, failure = Outcome.RETRY, wrong
    heard = journal.heard
    telemetry.tell(
        outcome,
        began,
        level=LEVELS.get(outcome, "info"),
        correlation_id=heard.correlation_id if heard else None,
        failure=failure,
        event_id=heard and heard.id,
        type=heard and heard.type,
        message_id=delivery.id,
        attempt=delivery.attempt,
        waited=heard and waited(heard),
        caused=caused_by(journal),
        mails=journal.mails,
    )
    metrics.add_metric(name=outcome.title(), unit=MetricUnit.Count, value=1)
    return outcome is not Outcome.RETRY


async def hold(delivery: Delivery, behind: Delivery) -> None:
    """Put off what comes after a message of its group that must come again."""
    try:
        await consumer.hold(delivery, behind)
    except Exception as wrong:  # it comes again all the same, when it is hidden no more
        telemetry.logger.warning("not put off", message_id=delivery.id, reason=str(wrong))


def delivery_of(record: dict[str, Any]) -> Delivery:
    """The delivery in a record, as SQS's event source hands it over."""
    attributes = record["attributes"]
    return Delivery(
        record["messageId"],
        record["body"],
        int(attributes["ApproximateReceiveCount"]),
        record["receiptHandle"],
        attributes.get("MessageGroupId", "") if definition.is_fifo else "",
    )


def handler(event: dict[str, Any], context: Any) -> Any:
    """Take all messages of a batch; answers which must come again."""
    records = event["Records"]
    if not records:  # a call that only starts the function
        telemetry.logger.info("started")
        return {"batchItemFailures": []}
    again = loop.run(take_all([delivery_of(each) for each in records], take, hold))
    metrics.flush_metrics()
    return {"batchItemFailures": [{"itemIdentifier": each.id} for each in again]}
