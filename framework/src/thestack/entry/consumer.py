"""Lambda entry point of one consumer:
takes a batch of its queue and answers which messages must come again.
"""

import asyncio
import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
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
from thestack.entry.wiring import client, load_model, ports_of, queue_url
from thestack.ports import Delivery
from thestack.runtime.consume import Consumer, Outcome

logger, metrics = Logger(), Metrics()
settings = from_environment()
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
    began = time.perf_counter()
    attempt = int(record.attributes.approximate_receive_count)
    outcome, error = await consumer.take(
        Delivery(record.message_id, record.body, attempt, record.receipt_handle)
    )
    log = logger.error if error else logger.info
    log(
        "message failed" if error else "message taken",
        exc_info=error,
        extra={
            "trigger": definition.name,
            "outcome": outcome,
            "ms": round((time.perf_counter() - began) * 1000, 1),
            "message_id": record.message_id,
            "attempt": attempt,
        },
    )
    metrics.add_metric(name=outcome.title(), unit=MetricUnit.Count, value=1)
    if outcome is Outcome.RETRY:
        raise ComeAgain
    return outcome


def handler(event: dict[str, Any], context: Any) -> Any:
    """Take all messages of a batch at once; answers which must come again."""
    if not event["Records"]:  # a call that only starts the function
        return {"batchItemFailures": []}
    processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = async_process_partial_response(event, take, processor, context)
    metrics.flush_metrics()
    return answer
