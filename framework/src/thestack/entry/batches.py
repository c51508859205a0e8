"""A batch of a queue's messages, taken one by one, each with a record in the log."""

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
from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.entry.settings import Settings
from thestack.entry.telemetry import Telemetry, caused_by, waited
from thestack.entry.wiring import client, queue_url
from thestack.ports import Delivery
from thestack.runtime.consume import Consumer, Outcome
from thestack.runtime.journal import Journal

LEVELS = {Outcome.RETRY: "warning", Outcome.PARKED: "error"}


def deliveries_of(model: ServiceModel, definition: ConsumerModel, settings: Settings) -> SqsDeliveries:
    """The queue of a consumer, and its DLQ."""
    address = f"{model.name}/{definition.queue}"
    return SqsDeliveries(
        client("sqs"),
        queue_url(settings, names.queue(settings.environment, address)),
        queue_url(settings, names.dead_letter_queue(settings.environment, address)),
    )


class ComeAgain(Exception):
    """Tells the batch processor that this message must stay in the queue."""


class Batches:
    """Hands a consumer all messages of a batch at once, and answers which must come again."""

    def __init__(self, consumer: Consumer, telemetry: Telemetry) -> None:
        self._consumer, self._telemetry, self._metrics = consumer, telemetry, Metrics()
        # Powertools runs the batch on the thread's event loop, which newer Pythons no longer make by
        # themselves.
        asyncio.set_event_loop(asyncio.new_event_loop())

    def handle(self, event: dict[str, Any], context: Any) -> Any:
        """The partial batch response."""
        if not event["Records"]:  # a call that only starts the function
            self._telemetry.logger.info("started")
            return {"batchItemFailures": []}
        processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        answer = async_process_partial_response(event, self._take, processor, context)
        self._metrics.flush_metrics()
        return answer

    async def _take(self, record: SQSRecord) -> Outcome:
        """Handle one message of the batch."""
        began, journal = time.perf_counter(), Journal()
        attempt = int(record.attributes.approximate_receive_count)
        delivery = Delivery(record.message_id, record.body, attempt, record.receipt_handle)
        failure: Exception | None
        try:
            outcome, failure = await self._consumer.take(delivery, journal)
        except Exception as wrong:  # the queue would not hear what became of the message, so it comes again
            outcome, failure = Outcome.RETRY, wrong
        heard = journal.heard
        self._telemetry.tell(
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
        self._metrics.add_metric(name=outcome.title(), unit=MetricUnit.Count, value=1)
        if outcome is Outcome.RETRY:
            raise ComeAgain
        return outcome
