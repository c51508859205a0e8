"""The deliveries that are to come, in the order of their time."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import count

from thestack.definition.model import ConsumerModel
from thestack.ports import Envelope
from thestack.testing.running import Running


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A delivery that is to come. Of those for one moment the first made comes first."""

    at: datetime
    made: int
    running: Running = field(compare=False)
    consumer: ConsumerModel = field(compare=False)
    envelope: Envelope = field(compare=False)
    number: int = field(compare=False, default=1)

    @property
    def group(self) -> tuple[str, str, str, str | None] | None:
        """What it has in common with those that are taken in order, if its queue keeps it."""
        if not self.consumer.is_fifo:
            return None
        service, envelope = self.running.model.name, self.envelope
        return (service, self.consumer.name, envelope.tenant, envelope.partition_key)


class Schedule:
    """Keeps deliveries until they are due. Of a group that keeps its order one is out at a time: the others
    wait until it is done.
    """

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._waiting: dict[object, deque[Due]] = {}
        self._made = count()

    def __bool__(self) -> bool:
        return bool(self._heap)

    def add(self, at: datetime, running: Running, consumer: ConsumerModel, envelope: Envelope) -> None:
        """Plan the first delivery of an envelope."""
        due = Due(at, next(self._made), running, consumer, envelope)
        if due.group in self._waiting:
            self._waiting[due.group].append(due)
            return
        if due.group:
            self._waiting[due.group] = deque()
        heappush(self._heap, due)

    def until(self, moment: datetime) -> bool:
        """Whether something is due until then."""
        return bool(self._heap) and self._heap[0].at <= moment

    def next(self) -> Due:
        """Take out the delivery that is due first."""
        return heappop(self._heap)

    def with_it(self, first: Due, until: datetime, most: int) -> list[Due]:
        """Take out what the same consumer is due to take until then, so that it has `most` with the first."""
        beside = [
            each
            for each in sorted(self._heap)
            if each.at <= until and each.running is first.running and each.consumer is first.consumer
        ][: most - 1]
        if beside:
            self._heap = [each for each in self._heap if not any(each is other for other in beside)]
            heapify(self._heap)
        return beside

    def again(self, due: Due, at: datetime) -> None:
        """Plan a further delivery of what was taken out."""
        heappush(self._heap, replace(due, at=at, made=next(self._made), number=due.number + 1))

    def done(self, due: Due) -> None:
        """Let the one that follows in its group be due."""
        waiting = self._waiting.get(due.group)
        if waiting:
            heappush(self._heap, waiting.popleft())
        else:
            self._waiting.pop(due.group, None)
