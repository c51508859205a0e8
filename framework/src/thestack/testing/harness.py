"""Runs services in memory: what one says the others take, in process, on a clock that stands still until a
retry is due or the test moves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import ModuleType
from urllib.parse import urlsplit

from thestack.adapters.memory.blobs import MemoryBlobs
from thestack.adapters.memory.bus import MemoryBus
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.profiles import MemoryProfiles
from thestack.adapters.memory.queue import MemoryQueue
from thestack.definition.model import ServiceModel
from thestack.definition.module import model_of
from thestack.ports import Blob, Delivery, Envelope, PresignedPost, Refusal
from thestack.runtime.batched import take_batch
from thestack.runtime.consume import Outcome, backoff
from thestack.runtime.journal import Journal
from thestack.runtime.relay import Relay
from thestack.testing.circumstances import ANONYMOUS, BEGIN, fixed_clock, user
from thestack.testing.running import Running
from thestack.testing.schedule import Due, Schedule
from thestack.testing.timers import Timers

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


class Harness:
    """Several services in memory, given as modules or as models, joined as bus and queues join them.

    `attempts` are all deliveries so far, in the order of their time. Faults are the adapters' own:
    `mailer.refuse(...)`, `profiles.forget(...)`. `ports` stand for the services' own, by their class:
    `Harness(shop, ports={Payments: FakePayments()})`; those that are not among them their providers make,
    from secrets that the test gives by `harness["shop"].secrets.keep("stripe-key", "...")`.

    Example:

        harness = Harness(todo, notifications)
        await harness["todo"].ask("mutation { ... }", user("alice"))
        await harness.settle()
        assert harness.mailer.sent[0].to == "alice@example.com"
    """

    def __init__(
        self, *services: ModuleType | ServiceModel, ports: Mapping[type[object], object] | None = None
    ) -> None:
        self.clock, self.mailer, self.profiles = fixed_clock(), MemoryMailer(), MemoryProfiles()
        self.attempts: list[Attempt] = []
        models = [each if isinstance(each, ServiceModel) else model_of(each) for each in services]
        self._services = {
            model.name: Running(model, self.clock, self.mailer, self.profiles, given=ports or {})
            for model in models
        }
        self._due = Schedule()
        self._timers = Timers(self._services.values(), self.clock.now())

    def __getitem__(self, service: str) -> Running:
        return self._services[service]

    @property
    def dead_letters(self) -> list[tuple[Delivery, Refusal]]:
        """What was given up, by any consumer."""
        return [parked for running in self._services.values() for parked in running.deliveries.parked]

    async def settle(self, *, within: timedelta | None = None) -> list[Envelope]:
        """Carry and deliver until nothing moves; answers what went over bus and queues, in order. What is due
        later than `within` from now stays for another time.

        A message that fails comes again when its consumer's `Retry` says: the clock moves there, and no real
        time passes. Timers fire at each of their moments since the last time, and what was put off is sent,
        up to when this was called: `harness.clock.advance(timedelta(days=1))` makes them due.
        """
        moved: list[Envelope] = []
        for running, consumer, envelope in self._timers.due(self.clock.now()):
            self._due.add(self.clock.now(), running, consumer, envelope)
        moved += self._put_off_until(self.clock.now())
        until = datetime.max.replace(tzinfo=UTC) if within is None else self.clock.now() + within
        while (carried := await self._carry()) or self._due.until(until):
            for envelope, wait in carried:
                moved.append(envelope)
                self._expect(envelope, wait)
            if self._due.until(until):
                await self._deliver_next()
        return moved

    async def deliver(self, *envelopes: Envelope) -> list[Outcome]:
        """Deliver an envelope to everyone who hears it, retries included; answers what became of it at each.

        Of several, a consumer that takes many at once takes as many of them together as its `batch` says.
        What the consumers say stays in their outboxes, for `settle`.
        """
        for envelope in envelopes:
            self._expect(envelope)
        return await self._deliver_all()

    async def upload(self, url: str, fields: Mapping[str, str], data: bytes) -> None:
        """Post a form that a service signed, as a client does, with the file's bytes.

        What becomes of it is for `settle`. Raises `BlobRefused` where S3 would refuse it.
        """
        await self._bucket(url).post(PresignedPost(url, fields), data)

    async def download(self, url: str) -> Blob:
        """Fetch a URL that a service signed, as a client does. Raises `BlobRefused`, `NoBlob`."""
        return await self._bucket(url).fetch(url)

    async def redrive(self) -> list[Outcome]:
        """Deliver every dead letter again, as if for the first time; answers what became of each."""
        for running in self._services.values():
            parked = list(running.deliveries.parked)
            running.deliveries.parked.clear()
            for delivery, refusal in parked:
                consumer = running.definition(refusal.handler.partition(".")[2])
                self._due.add(self.clock.now(), running, consumer, Envelope.from_json(delivery.body))
        return await self._deliver_all()

    def _put_off_until(self, now: datetime) -> list[Envelope]:
        """Expect the messages that were put off until now."""
        sent = [envelope for each in self._services.values() for _, _, envelope in each.scheduler.take(now)]
        for envelope in sent:
            self._expect(envelope)
        return sent

    async def _carry(self) -> list[tuple[Envelope, timedelta | None]]:
        """Relay every outbox; what bus and queues took, in order, with the wait that each was sent with."""
        carried: list[tuple[Envelope, timedelta | None]] = []
        for running in self._services.values():
            bus, queue = MemoryBus(), MemoryQueue()
            relay = Relay(running.store, bus, queue, running.scheduler)
            await relay.carry(await running.outbox(), self.clock.now())
            sent = [*bus.published, *(each for taken in queue.sent.values() for each in taken)]
            carried += [(each, queue.waits.get(each.id)) for each in sent]
            carried += [(each, None) for each in running.written()]
        return carried

    def _bucket(self, url: str) -> MemoryBlobs:
        """The bucket that something was signed of. Raises `KeyError` where none is."""
        name = urlsplit(url).netloc
        for running in self._services.values():
            for bucket in running.buckets.values():
                if bucket.bucket == name:
                    return bucket
        raise KeyError(f"nothing here signed {url}")

    def _expect(self, envelope: Envelope, wait: timedelta | None = None) -> None:
        for running in self._services.values():
            for consumer in running.consumers_of(envelope):
                usual = running.model.delay(consumer) if wait is None else wait
                self._due.add(self.clock.now() + usual, running, consumer, envelope)

    async def _deliver_all(self) -> list[Outcome]:
        """Deliver until nothing is due; the last outcome of each message at each consumer."""
        outcomes: dict[tuple[str, str], Outcome] = {}
        while self._due:
            for attempt in await self._deliver_next():
                outcomes[attempt.consumer, attempt.envelope.id] = attempt.outcome
        return list(outcomes.values())

    async def _deliver_next(self) -> list[Attempt]:
        first = self._due.next()
        self.clock.advance(max(first.at, self.clock.now()) - self.clock.now())
        batched = first.consumer.batched
        together = self._due.with_it(first, self.clock.now(), first.consumer.polling.batch) if batched else []
        batch = [first, *together]
        consumer = first.running.consumer(first.consumer.name)
        deliveries = [
            Delivery(each.envelope.id, each.envelope.to_json(), each.number, "receipt") for each in batch
        ]
        if batched:
            taken = await take_batch(consumer, deliveries, [Journal() for _ in batch])
        else:
            taken = [await consumer.take(deliveries[0])]
        return [self._attempted(due, *each) for due, each in zip(batch, taken, strict=True)]

    def _attempted(self, due: Due, outcome: Outcome, error: Exception | None) -> Attempt:
        if outcome is Outcome.RETRY:
            retry = due.consumer.retry
            self._due.again(due, self.clock.now() + backoff(retry, due.number))
        else:
            self._due.done(due)
        name = f"{due.running.model.name}.{due.consumer.name}"
        attempt = Attempt(self.clock.now(), name, due.envelope, due.number, outcome, error)
        self.attempts.append(attempt)
        return attempt
