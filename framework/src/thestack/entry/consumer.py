"""Lambda entry point of one consumer:
takes a batch of its queue and answers which messages must come again.
"""

import asyncio
import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import AsyncBatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from thestack.adapters.aws.deliveries import SqsDeliveries
from thestack.definition import names
from thestack.entry.settings import from_environment
from thestack.entry.wiring import client, model_of, ports_of, queue_url
from thestack.ports import Delivery
from thestack.runtime.consume import Consumer, Outcome

logger, metrics = Logger(), Metrics()
settings = from_environment()
model = model_of(settings.module)
definition = next(each for each in model.consumers if each.name == settings.consumer)
address = f"{model.name}/{definition.queue}"
deliveries = SqsDeliveries(
    client("sqs"),
    queue_url(settings, names.queue(settings.environment, address)),
    queue_url(settings, names.dead_letter_queue(settings.environment, address)),
)
consumer = Consumer(model, definition, ports_of(model, settings, (definition.handler,)), deliveries)
loop = asyncio.Runner()


class ComeAgain(Exception):
    """Tells the batch processor that this message must stay in the queue."""


async def take(record: SQSRecord) -> Outcome:
    """Handle one message of the batch."""
    began = time.perf_counter()
    attempt = int(record.attributes.approximate_receive_count)
    outcome, error = await consumer.take(
        Delivery(record.message_id, record.body, attempt, record.receipt_handle)
    )
    took = round((time.perf_counter() - began) * 1000, 1)
    fields = {
        "trigger": definition.name,
        "outcome": outcome,
        "ms": took,
        "message_id": record.message_id,
        "attempt": attempt,
    }
    if error:
        logger.error("message failed", exc_info=error, **fields)
    else:
        logger.info("message taken", **fields)
    metrics.add_metric(name=outcome.title(), unit=MetricUnit.Count, value=1)
    if outcome is Outcome.RETRY:
        raise ComeAgain
    return outcome


def handler(event: dict[str, Any], context: Any) -> Any:
    """A partial batch response: the messages that must come again."""
    answer = loop.run(process(event, context))
    metrics.flush_metrics()
    return answer


async def process(event: dict[str, Any], context: Any) -> Any:
    """Take all messages of the batch at once."""
    processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    async with processor(records=event["Records"], handler=take, lambda_context=context):
        await processor.async_process()
    return processor.response()
