"""Lambda entry point of one consumer:
takes a batch of its queue and answers which messages must come again.
"""

import asyncio
import time
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    AsyncBatchProcessor,
    EventType,
    async_process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from thestack.adapters.aws.deliveries import SqsDeliveries
from thestack.definition import names
from thestack.entry.settings import from_environment
from thestack.entry.telemetry import Telemetry, caused_by, waited
from thestack.entry.wiring import client, load_model, package_of, ports_of, queue_url
from thestack.ports import Delivery
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
# Powertools runs the batch on the thread's event loop, which newer Pythons no longer make by themselves.
asyncio.set_event_loop(asyncio.new_event_loop())


class ComeAgain(Exception):
    """Tells the batch processor that this message must stay in the queue."""


async def take(record: SQSRecord) -> Outcome:
    """Handle one message of the batch."""
    began, journal = time.perf_counter(), Journal()
    attempt = int(record.attributes.approximate_receive_count)
    delivery = Delivery(record.message_id, record.body, attempt, record.receipt_handle)
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
        message_id=record.message_id,
        attempt=attempt,
        waited=heard and waited(heard),
        caused=caused_by(journal),
        mails=journal.mails,
    )
    metrics.add_metric(name=outcome.title(), unit=MetricUnit.Count, value=1)
    if outcome is Outcome.RETRY:
        raise ComeAgain
    return outcome


def handler(event: dict[str, Any], context: Any) -> Any:
    """Take all messages of a batch at once; answers which must come again."""
    if not event["Records"]:  # a call that only starts the function
        telemetry.logger.info("started")
        return {"batchItemFailures": []}
    processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = async_process_partial_response(event, take, processor, context)
    metrics.flush_metrics()
    return answer
