"""A sweep through a queue: SQS lets nobody look, so messages are taken, hidden for a while, given back."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

HIDDEN_SECONDS = 60
"""How long others miss a message, at most, when whoever took it dies."""
_BATCH = 10


class Sweep:
    """Takes each message of the queue at `url` once; at the end gives back those that were not removed.

    `announced` and `held` are about how many messages were there at the beginning, and how many of them
    somebody else had taken. `batch` is how many are taken at once: fewer where each takes its time.

    Example:

        with Sweep(sqs, url) as messages:
            for message in messages:
                messages.remove(message)
    """

    def __init__(self, sqs: Any, url: str, *, most: int | None = None, batch: int = _BATCH) -> None:
        self._sqs, self._url, self._most, self._batch = sqs, url, most, batch
        self._receipts: dict[str, str] = {}
        self.announced, self.held = self._count()

    def __enter__(self) -> "Sweep":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._give_back()
        except (BotoCoreError, ClientError):
            if error is None:  # else that is what matters: what is hidden comes back by itself
                raise

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        seen: set[str] = set()
        while len(seen) != self._most and (messages := self._receive(self._is_more_announced(len(seen)))):
            for message in messages:
                # One that was hidden for too long comes again, with another receipt.
                self._receipts[message["MessageId"]] = message["ReceiptHandle"]
            for message in messages:
                if message["MessageId"] in seen:
                    continue
                if len(seen) == self._most:
                    return
                seen.add(message["MessageId"])
                yield message

    def remove(self, message: Mapping[str, Any]) -> None:
        """Delete a message that was taken."""
        receipt = self._receipts[message["MessageId"]]
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)
        del self._receipts[message["MessageId"]]

    def _is_more_announced(self, seen: int) -> bool:
        return seen < self.announced - self.held

    def _receive(self, wait: bool) -> list[Mapping[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=self._batch,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=int(wait),  # a poll that waits asks every server of SQS
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", ()))

    def _give_back(self) -> None:
        receipts = list(self._receipts.values())
        for first in range(0, len(receipts), _BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for number, receipt in enumerate(receipts[first : first + _BATCH])
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

    def _count(self) -> tuple[int, int]:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]
        free, held = (int(attributes[name]) for name in names)
        return free + held, held
