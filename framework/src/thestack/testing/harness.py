"""Runs services in memory: what one says the others take, in process, on a clock that stands still until a
retry is due or the test moves it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from types import ModuleType

from thestack.adapters.memory.bus import MemoryBus
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.profiles import MemoryProfiles
from thestack.adapters.memory.queue import MemoryQueue
from thestack.definition.model import ServiceModel
from thestack.definition.module import model_of
from thestack.ports import Delivery, Envelope, Refusal
from thestack.runtime.consume import Outcome
from thestack.runtime.relay import Relay
from thestack.testing.circumstances import ANONYMOUS, BEGIN, fixed_clock, user
from thestack.testing.running import Running

__all__ = ["ANONYMOUS", "BEGIN", "Attempt", "Harness", "MemoryProfiles", "Running", "user"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery of an event or a message to a consumer ("service.handler"), and what became of it.

    `number` counts from 1; `error` is what the handler raised.
    """

    at: datetime
    consumer: str
    envelope: Envelope
    number: int
    outcome: Outcome
    error: BaseException | None = None


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    """A delivery that is to come. Of those for one moment the first made comes first."""

    at: datetime
    made: int
    running: Running = field(compare=False)
    consumer: str = field(compare=False)
    envelope: Envelope = field(compare=False)
    number: int = field(compare=False, default=1)


class Harness:
    """Several services in memory, given as modules or as models, joined as bus and queues join them.

    `attempts` are all deliveries so far, in the order of their time. Faults are the adapters' own:
    `mailer.refuse(...)`, `profiles.forget(...)`.

    Example:

        harness = Harness(todo, notifications)
        await harness["todo"].ask("mutation { ... }", user("alice"))
        await harness.settle()
        assert harness.mailer.sent[0].to == "alice@example.com"
    """

    def __init__(self, *services: ModuleType | ServiceModel) -> None:
        self.clock, self.mailer, self.profiles = fixed_clock(), MemoryMailer(), MemoryProfiles()
        self.attempts: list[Attempt] = []
        models = [each if isinstance(each, ServiceModel) else model_of(each) for each in services]
        self._services = {
            model.name: Running(model, self.clock, self.mailer, self.profiles) for model in models
        }
        self._due: list[_Due] = []
        self._made = count()

    def __getitem__(self, service: str) -> Running:
        return self._services[service]

    @property
    def dead_letters(self) -> list[tuple[Delivery, Refusal]]:
        """What was given up, by any consumer."""
        return [parked for running in self._services.values() for parked in running.deliveries.parked]

    async def settle(self) -> list[Envelope]:
        """Carry and deliver until nothing moves; answers what went over bus and queues, in order.

        A message that fails comes again when its consumer's `Retry` says: the clock moves there, and no real
        time passes.
        """
        moved: list[Envelope] = []
        while (carried := await self._carry()) or self._due:
            moved += carried
            for envelope in carried:
                self._expect(envelope)
            if self._due:
                await self._deliver_next()
        return moved

    async def deliver(self, envelope: Envelope) -> list[Outcome]:
        """Deliver one envelope to everyone who hears it, retries included; answers what became of it at each.

        What the consumers say stays in their outboxes, for `settle`.
        """
        self._expect(envelope)
        return await self._deliver_all()

    async def redrive(self) -> list[Outcome]:
        """Deliver every dead letter again, as if for the first time; answers what became of each."""
        for running in self._services.values():
            parked = list(running.deliveries.parked)
            running.deliveries.parked.clear()
            for delivery, refusal in parked:
                consumer = refusal.handler.partition(".")[2]
                self._push(self.clock.now(), running, consumer, Envelope.from_json(delivery.body))
        return await self._deliver_all()

    async def _carry(self) -> list[Envelope]:
        """Relay every outbox; what bus and queues took."""
        carried: list[Envelope] = []
        for running in self._services.values():
            bus, queue = MemoryBus(), MemoryQueue()
            await Relay(running.store, bus, queue).carry(await running.outbox(), self.clock.now())
            carried += [*bus.published, *(each for sent in queue.sent.values() for each in sent)]
        return carried

    def _expect(self, envelope: Envelope) -> None:
        for running in self._services.values():
            for consumer in running.consumers_of(envelope):
                self._push(self.clock.now(), running, consumer.name, envelope)

    def _push(
        self, at: datetime, running: Running, consumer: str, envelope: Envelope, number: int = 1
    ) -> None:
        heappush(self._due, _Due(at, next(self._made), running, consumer, envelope, number))

    async def _deliver_all(self) -> list[Outcome]:
        """Deliver until nothing is due; the last outcome of each message at each consumer."""
        outcomes: dict[tuple[str, str], Outcome] = {}
        while self._due:
            attempt = await self._deliver_next()
            outcomes[attempt.consumer, attempt.envelope.id] = attempt.outcome
        return list(outcomes.values())

    async def _deliver_next(self) -> Attempt:
        due = heappop(self._due)
        self.clock.advance(max(due.at, self.clock.now()) - self.clock.now())
        running, envelope, number = due.running, due.envelope, due.number
        delivery = Delivery(envelope.id, envelope.to_json(), number, "receipt")
        outcome, error = await running.consumer(due.consumer).take(delivery)
        if outcome is Outcome.RETRY:
            _, delay = running.deliveries.postponed[-1]
            self._push(self.clock.now() + delay, running, due.consumer, envelope, number + 1)
        name = f"{running.model.name}.{due.consumer}"
        attempt = Attempt(self.clock.now(), name, envelope, number, outcome, error)
        self.attempts.append(attempt)
        return attempt
