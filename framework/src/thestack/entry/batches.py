"""A batch of a queue's messages, taken one by one or together, each with a record in the log."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from thestack.adapters.aws.deliveries import SqsDeliveries
from thestack.definition import names
from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.entry.settings import Settings
from thestack.entry.telemetry import Telemetry, caused_by, waited
from thestack.entry.wiring import client, queue_url
from thestack.ports import Delivery
from thestack.runtime.batched import take_batch
from thestack.runtime.batches import take_all
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


class Batches:
    """Hands a consumer the messages of a batch, those of one group in their order, and answers which must
    come again.
    """

    def __init__(
        self, consumer: Consumer, telemetry: Telemetry, *, is_fifo: bool = False, together: bool = False
    ) -> None:
        """`together`: the consumer takes many at once."""
        self._consumer, self._telemetry, self._is_fifo = consumer, telemetry, is_fifo
        self._take = self._take_together if together else self._take_each
        self._metrics, self._loop = Metrics(), asyncio.Runner()

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """The partial batch response."""
        if not event["Records"]:  # a call that only starts the function
            self._telemetry.logger.info("started")
            return {"batchItemFailures": []}
        batch = [self._delivery(each) for each in event["Records"]]
        again = self._loop.run(self._take(batch))
        self._metrics.flush_metrics()
        return {"batchItemFailures": [{"itemIdentifier": each.id} for each in again]}

    async def _take_together(self, batch: Sequence[Delivery]) -> list[Delivery]:
        """Handle the messages of a batch at once; answers those that must come again."""
        began, journals = time.perf_counter(), [Journal() for _ in batch]
        taken = await take_batch(self._consumer, batch, journals)
        for delivery, journal, (outcome, failure) in zip(batch, journals, taken, strict=True):
            self._tell(delivery, journal, began, outcome, failure)
        return [each for each, (outcome, _) in zip(batch, taken, strict=True) if outcome is Outcome.RETRY]

    async def _take_each(self, batch: Sequence[Delivery]) -> list[Delivery]:
        """Handle the messages of a batch one by one; answers those that must come again."""
        return await take_all(batch, self._take_one, self._hold)

    async def _take_one(self, delivery: Delivery) -> bool:
        """Handle one message of the batch; answers whether it is done."""
        began, journal = time.perf_counter(), Journal()
        failure: Exception | None
        try:
            outcome, failure = await self._consumer.take(delivery, journal)
        except Exception as wrong:  # the queue would not hear what became of the message, so it comes again
            outcome, failure = Outcome.RETRY, wrong
        self._tell(delivery, journal, began, outcome, failure)
        return outcome is not Outcome.RETRY

    def _tell(
        self,
        delivery: Delivery,
        journal: Journal,
        began: float,
        outcome: Outcome,
        failure: Exception | None,
    ) -> None:
        heard = journal.heard
        self._telemetry.tell(
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
        self._metrics.add_metric(name=outcome.title(), unit=MetricUnit.Count, value=1)

    async def _hold(self, delivery: Delivery, behind: Delivery) -> None:
        """Put off what comes after a message of its group that must come again."""
        try:
            await self._consumer.hold(delivery, behind)
        except Exception as wrong:  # it comes again all the same, when it is hidden no more
            self._telemetry.logger.warning("not put off", message_id=delivery.id, reason=str(wrong))

    def _delivery(self, record: dict[str, Any]) -> Delivery:
        """The delivery in a record, as SQS's event source hands it over."""
        attributes = record["attributes"]
        return Delivery(
            record["messageId"],
            record["body"],
            int(attributes["ApproximateReceiveCount"]),
            record["receiptHandle"],
            attributes.get("MessageGroupId", "") if self._is_fifo else "",
        )
