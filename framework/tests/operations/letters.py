"""Dead letters of one consumer, for tests: its queues in an environment of one's own."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from thestack.adapters.aws.deliveries import SqsDeliveries
from thestack.definition import names
from thestack.definition.load import models
from thestack.operations.aws import Aws
from thestack.operations.dead_letters import DeadLetters
from thestack.operations.sweep import Sweep
from thestack.ports import Delivery, Envelope, Refusal

ROOT = Path(__file__).parents[3]
(NOTIFICATIONS,) = models(ROOT, ["notifications"])
(SEND,) = (each for each in NOTIFICATIONS.consumers if each.name == "send_email")


def message(id: str, **changes: Any) -> Envelope:
    data = {"to_user": "alice", "about": "1", "subject": "Done", "text": "Well done."}
    return Envelope(
        id=id,
        type="notifications/email",
        version=1,
        source="todo",
        subject="Todo#alice/1",
        time=datetime(2026, 1, 2, tzinfo=UTC),
        tenant="main",
        data={**data, **changes},
        correlation_id="click-1",
    )


@dataclass
class World:
    """A consumer's queue and DLQ in an environment of one's own."""

    aws: Aws
    environment: str

    def __post_init__(self) -> None:
        self.sqs = self.aws.client("sqs")
        address = "notifications/email"
        self.queue, self.dead = (
            self.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in (
                names.queue(self.environment, address),
                names.dead_letter_queue(self.environment, address),
            )
        )
        self.letters = DeadLetters(self.aws, self.environment, NOTIFICATIONS, SEND)

    def park(self, *ids: str, cause: str = "MailRefused") -> None:
        """As the consumer does it."""
        deliveries = SqsDeliveries(self.sqs, self.queue, self.dead)
        refusal = Refusal("notifications.send_email", cause, "no such mailbox", 3)
        for id in ids:
            asyncio.run(deliveries.park(Delivery(id, message(id).to_json(), 3, "r"), refusal))

    def put(self, body: str, **attributes: str) -> None:
        given = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(QueueUrl=self.dead, MessageBody=body, MessageAttributes=given)

    def ids(self) -> list[str]:
        """What is in the DLQ."""
        return sorted(letter.id for letter in self.letters.read().letters)

    def waiting(self) -> int:
        """How many messages are in the queue."""
        asked = ["ApproximateNumberOfMessages"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=asked)
        return int(found["Attributes"][asked[0]])

    def queued(self) -> list[dict[str, Any]]:
        """Takes everything from the queue."""
        with Sweep(self.sqs, self.queue) as sweep:
            found = list(sweep)
            for each in found:
                sweep.remove(each)
        return [dict(each) for each in found]

    def queued_ids(self) -> list[str]:
        return sorted(json.loads(each["Body"])["id"] for each in self.queued())
