"""The dead letters of one consumer: read with their reasons, and sent back to its queue."""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from thestack.definition import names
from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.local.aws import Aws, telling

_BATCH = 10
_HIDDEN = 60


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that a consumer gave up on. What the consumer did not live to say is empty."""

    message_id: str
    id: str
    """The event's or message's own id."""
    type: str
    cause: str
    reason: str
    attempts: str


class DeadLetters:
    """The DLQ of one consumer in an environment."""

    def __init__(self, aws: Aws, environment: str, service: ServiceModel, consumer: ConsumerModel) -> None:
        address = f"{service.name}/{consumer.queue}"
        self._aws, self._sqs = aws, aws.client("sqs")
        self._queue = names.queue(environment, address)
        self._dead_letters = names.dead_letter_queue(environment, address)

    def read(self) -> list[DeadLetter]:
        """The dead letters, which stay where they are. Raises `LocalStackError`."""
        with self._telling():
            url = self._url(self._dead_letters)
            messages: list[dict[str, Any]] = []
            while len(messages) < self._count(url):
                taken = self._receive(url)
                if not taken:
                    break
                messages += taken
            for message in messages:
                self._sqs.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )
        return [_letter(message) for message in messages]

    def redrive(self) -> int:
        """Send them to the consumer's queue, each deleted once it is there; answers how many.

        Those that come back while this runs are left for another time. Raises `LocalStackError`.
        """
        with self._telling():
            source, target = self._url(self._dead_letters), self._url(self._queue)
            moved, there = 0, self._count(source)
            while moved < there:
                taken = self._receive(source)[: there - moved]
                if not taken:
                    break
                for message in taken:
                    # The body is the whole CloudEvent; the reasons of this failure are not those of the next.
                    self._sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
                    self._sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
                    moved += 1
        return moved

    def _telling(self) -> AbstractContextManager[None]:
        return telling(f"cannot reach the queue {self._dead_letters} at {self._aws.endpoint}")

    def _url(self, name: str) -> str:
        return str(self._sqs.get_queue_url(QueueName=name)["QueueUrl"])

    def _count(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def _receive(self, url: str) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=_HIDDEN,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", ()))


def _letter(message: dict[str, Any]) -> DeadLetter:
    said = {
        name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()
    }
    try:
        body = json.loads(message["Body"])
    except ValueError:
        body = {}
    envelope = body if isinstance(body, dict) else {}
    return DeadLetter(
        message_id=message["MessageId"],
        id=str(envelope.get("id", "")),
        type=str(envelope.get("type", "")),
        cause=said.get("cause", ""),
        reason=said.get("reason", ""),
        attempts=said.get("attempts", ""),
    )
