"""The receiving end of an SQS queue."""

import asyncio
import math
from datetime import timedelta
from typing import Any

from thestack.adapters.aws.groups import is_fifo
from thestack.adapters.aws.text import cleaned
from thestack.ports.deliveries import Delivery, Refusal

LONGEST_REASON = 1000


class SqsDeliveries:
    """Deliveries of the queue at `queue_url`, whose DLQ is at `dead_letter_url`;
    `client` is boto3's of SQS.
    """

    def __init__(self, client: Any, queue_url: str, dead_letter_url: str) -> None:
        self._client, self._queue, self._dead_letters = client, queue_url, dead_letter_url

    async def postpone(self, delivery: Delivery, delay: timedelta) -> None:
        await asyncio.to_thread(
            self._client.change_message_visibility,
            QueueUrl=self._queue,
            ReceiptHandle=delivery.receipt,
            VisibilityTimeout=math.ceil(delay.total_seconds()),
        )

    async def park(self, delivery: Delivery, refusal: Refusal) -> None:
        said = {
            "handler": refusal.handler,
            "cause": refusal.cause,
            "reason": cleaned(refusal.reason[:LONGEST_REASON]) or "-",
            "attempts": str(refusal.attempts),
        }
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
        # A group of its own: whoever reads the DLQ sees all of it, not the first of each group.
        place = {"MessageGroupId": delivery.id, "MessageDeduplicationId": delivery.id}
        await asyncio.to_thread(
            self._client.send_message,
            QueueUrl=self._dead_letters,
            MessageBody=delivery.body,
            MessageAttributes=attributes,
            **(place if is_fifo(self._dead_letters) else {}),
        )
