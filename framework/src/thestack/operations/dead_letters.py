"""The dead letters of one consumer: read with their reasons, changed, sent back to its queue, or given up.

On every path a message is in the DLQ or in the queue, for a moment in both: it is deleted last. A second
delivery has no second effect.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from thestack.adapters.aws.groups import group_of, is_fifo
from thestack.adapters.aws.text import escaped
from thestack.definition import names
from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.operations.aws import Aws, telling
from thestack.operations.dead_letter import DeadLetter, letter_of
from thestack.operations.interruption import Pause
from thestack.operations.logs import Logs
from thestack.operations.records import Failure
from thestack.operations.sweep import HIDDEN_SECONDS, Sweep

MOST_READ = 1000
_BEFORE = timedelta(minutes=5)
"""How much earlier than the message came to the DLQ the consumer may have logged why."""
Choice = Callable[[DeadLetter], bool]


@dataclass(frozen=True, slots=True)
class Reading:
    """Dead letters, oldest first. `more` is about how many others there are: somebody else has them in hand,
    or they are too many.
    """

    letters: tuple[DeadLetter, ...]
    more: int


class DeadLetters:
    """The DLQ of one consumer in an environment. Every method raises `OperationError`."""

    def __init__(self, aws: Aws, environment: str, service: ServiceModel, consumer: ConsumerModel) -> None:
        self.service, self.model = service, consumer
        self.consumer = f"{service.name}.{consumer.name}"
        self._aws, self._sqs = aws, aws.client("sqs")
        address = f"{service.name}/{consumer.queue}"
        self._queue = names.queue(environment, address)
        self._dead_letters = names.dead_letter_queue(environment, address)
        self._function = names.consumer_function(environment, service.name, consumer)

    def read(self, most: int = MOST_READ) -> Reading:
        """The dead letters, at most so many. They stay where they are."""
        with self._sweep(most=most) as sweep:
            letters = sorted(
                (letter_of(self.consumer, message) for message in sweep), key=lambda each: each.since
            )
        return Reading(tuple(letters), max(0, sweep.announced - len(letters)))

    def redrive(
        self, chosen: Choice, *, rate: float, pause: Pause, report: Callable[[int], None] = lambda _: None
    ) -> int:
        """Send those chosen to the consumer's queue, at most `rate` a second; answers how many.

        One that comes back while this runs is left for another time. `pause` may raise between two messages,
        and `report` is told how many went so far.
        """
        moved: set[str] = set()
        batch = max(1, min(10, int(rate * HIDDEN_SECONDS / 2)))
        with self._sweep(batch=batch) as sweep:
            target, began = self._url(self._queue), time.monotonic()
            for message in sweep:
                letter = letter_of(self.consumer, message)
                if letter.id in moved or not chosen(letter):
                    continue
                pause(max(0.0, began + len(moved) / rate - time.monotonic()))
                # The body is the whole CloudEvent; the reasons of this failure are not those of the next.
                self._sqs.send_message(
                    QueueUrl=target, MessageBody=escaped(letter.body), **self._place_of(letter)
                )
                sweep.remove(message)
                moved.add(letter.id)
                report(len(moved))
        return len(moved)

    def replace(self, letter: DeadLetter, body: str) -> bool:
        """Put the letter with another body in its place; answers whether it was still there."""
        with self._sweep() as sweep:
            for message in sweep:
                if letter_of(self.consumer, message) == letter:
                    self._sqs.send_message(
                        QueueUrl=self._url(self._dead_letters),
                        MessageBody=escaped(body),
                        MessageAttributes=letter.attributes,
                        **self._own_place(),
                    )
                    sweep.remove(message)
                    return True
        return False

    def discard(self, chosen: Choice, record: Callable[[DeadLetter], None]) -> int:
        """Delete those chosen, each once `record` has returned; answers how many."""
        discarded = 0
        with self._sweep() as sweep:
            for message in sweep:
                letter = letter_of(self.consumer, message)
                if chosen(letter):
                    record(letter)
                    sweep.remove(message)
                    discarded += 1
        return discarded

    def failure(self, letter: DeadLetter) -> Failure | None:
        """What the consumer logged when it gave up, as far as the log still has it."""
        lines = Logs(self._aws, [self._function]).read(letter.since - _BEFORE, letter.id)
        records = (line.record for line in lines)
        failures = [each.error for each in records if each and each.event_id == letter.id and each.error]
        return failures[-1] if failures else None

    @contextmanager
    def _sweep(self, *, most: int | None = None, batch: int = 10) -> Iterator[Sweep]:
        with (
            telling(f"cannot reach the queue {self._dead_letters} at {self._aws.place}"),
            Sweep(self._sqs, self._url(self._dead_letters), most=most, batch=batch) as sweep,
        ):
            yield sweep

    def _place_of(self, letter: DeadLetter) -> dict[str, str]:
        """The group in which a letter is sent back to a queue that keeps order.

        Not by its own id: the queue would take it for one that it had a moment ago, and drop it.
        """
        if not is_fifo(self._queue):
            return {}
        group = group_of(letter.envelope) if letter.envelope else letter.message_id
        return {"MessageGroupId": group, "MessageDeduplicationId": letter.message_id}

    def _own_place(self) -> dict[str, str]:
        """A place in the DLQ that nothing else has."""
        id = str(uuid4())
        return {"MessageGroupId": id, "MessageDeduplicationId": id} if is_fifo(self._queue) else {}

    def _url(self, name: str) -> str:
        return str(self._sqs.get_queue_url(QueueName=name)["QueueUrl"])
