"""Consumers: one message, one transaction, one effect, however often it is delivered."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from thestack.definition.conditions import Filter
from thestack.definition.model import ConsumerModel, Retry, ServiceModel, Trigger
from thestack.definition.problems import Conflict, Reject
from thestack.ports import Deliveries, Delivery, Envelope, Refusal, Row, RowKey
from thestack.runtime.conflicts import give_way
from thestack.runtime.firing import written
from thestack.runtime.invoke import call
from thestack.runtime.journal import Journal
from thestack.runtime.keys import ALONE, partition_key
from thestack.runtime.once import InProgress
from thestack.runtime.ports import Ports
from thestack.runtime.reading import handed, placed
from thestack.runtime.scope import Scope
from thestack.runtime.unit_of_work import AlreadyHandled, UnitOfWork

INBOX = "inbox"
REMEMBERED = timedelta(days=30)
"""Longer than a message can live in queue and DLQ together (14 + 14 days), so that no redrive repeats an
effect.
"""
CONFLICT_TRIES = 8

Effect = Callable[[Envelope, Any, Journal], Awaitable["Outcome"]]


class Outcome(StrEnum):
    """What became of a delivery. `PASSED`: the consumer's filter leaves it out."""

    EFFECTED = "effected"
    DUPLICATE = "duplicate"
    PASSED = "passed"
    RETRY = "retry"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Heard:
    """A delivery that was read: its envelope, in the tenant that it is handled in, and what the handler is
    handed.
    """

    delivery: Delivery
    envelope: Envelope
    given: tuple[Any, ...]
    journal: Journal


class Consumer:
    """Runs one consumer of a service."""

    def __init__(
        self,
        service: ServiceModel,
        consumer: ConsumerModel,
        ports: Ports,
        deliveries: Deliveries,
        effect: Effect | None = None,
    ) -> None:
        """`effect` stands for the handler's transaction, where what is done of an event is not one."""
        self._service, self._consumer = service, consumer
        self._ports, self._deliveries = ports, deliveries
        self._effect = effect

    async def take(
        self, delivery: Delivery, journal: Journal | None = None
    ) -> tuple[Outcome, Exception | None]:
        """Handle one delivery, and note in the journal what was done.

        `RETRY` means that the message must stay in the queue; with every other outcome this delivery is done.
        The error, if any, is what
        the handler raised.
        """
        try:
            heard = self.read(delivery, Journal() if journal is None else journal)
            if heard is None:
                return Outcome.PASSED, None
            if self._effect:
                return await self._effect(heard.envelope, heard.given, heard.journal), None
            return (await self.transact([heard]))[0], None
        except Exception as wrong:
            return await self.give_up(delivery, wrong), wrong

    def read(self, delivery: Delivery, journal: Journal) -> Heard | None:
        """What the handler is to be handed; None where the consumer's filter leaves it out.

        Raises `Reject` for what no retry can mend.
        """
        if self._consumer.trigger is Trigger.TIME:
            delivery = written(delivery, self._ports.clock.now())
        try:
            journal.heard = envelope = Envelope.from_json(delivery.body)
        except ValueError as wrong:
            raise Reject(str(wrong)) from None
        given = handed(self._service, self._consumer, envelope)
        journal.heard = envelope = placed(envelope, given)
        where: Filter[Any] | None = self._consumer.where
        passes = where is not None and not where.admits(*given)
        return None if passes else Heard(delivery, envelope, given, journal)

    async def transact(self, heard: Sequence[Heard]) -> list[Outcome]:
        """Run the handler on what is new of this, all of one tenant, and commit its effect with the inbox
        records; a conflict is no attempt, and tried again here.

        What is said with many at once belongs to the first of them. Raises what the handler raises.
        """
        first, journal = heard[0].envelope, heard[0].journal
        hops = max(each.envelope.hops for each in heard)
        scope = Scope(
            first.tenant,
            None,
            first.traceparent,
            first.correlation_id,
            hops,
            most=self._consumer.hops,
            journal=journal,
        )
        once = self._consumer.name if self._consumer.batched else f"{self._consumer.name}#{first.id}"
        for tried in range(CONFLICT_TRIES):
            new = await self._new(heard)
            if not new:
                break
            unit = UnitOfWork(self._service, self._ports, scope)
            unit.receive(*(self._record(each.envelope) for each in new))
            given = ([each.given[0] for each in new],) if self._consumer.batched else new[0].given
            try:
                await call(self._service, self._consumer.handler, unit, given, once=once)
                await unit.commit()
            except AlreadyHandled:  # by somebody else meanwhile
                if not self._consumer.batched:
                    return [Outcome.DUPLICATE]
                continue
            except InProgress:
                raise
            except Conflict:
                if tried + 1 == CONFLICT_TRIES:
                    raise
                await give_way(tried)
                continue
            effected = {id(each) for each in new}
            return [Outcome.EFFECTED if id(each) in effected else Outcome.DUPLICATE for each in heard]
        else:
            raise Conflict("Others take the same messages; try again.")
        return [Outcome.DUPLICATE for _ in heard]

    async def give_up(self, delivery: Delivery, wrong: Exception) -> Outcome:
        """Let a delivery come again, or park it where that does not help."""
        retry = self._consumer.retry
        if isinstance(wrong, Reject) or delivery.attempt >= retry.attempts:
            name = f"{self._service.name}.{self._consumer.name}"
            refusal = Refusal(name, type(wrong).__name__, str(wrong), delivery.attempt)
            await self._deliveries.park(delivery, refusal)
            return Outcome.PARKED
        await self._deliveries.postpone(delivery, backoff(retry, delivery.attempt))
        return Outcome.RETRY

    async def hold(self, delivery: Delivery, behind: Delivery) -> None:
        """Put off a delivery behind one of its group that failed: for as long as that one, since the queue
        gives nothing of a group while one of it is out.
        """
        await self._deliveries.postpone(delivery, backoff(self._consumer.retry, behind.attempt))

    async def _new(self, heard: Sequence[Heard]) -> list[Heard]:
        """Those that were not handled yet, each once."""
        places: dict[RowKey, Heard] = {}
        for each in heard:
            places.setdefault(self._place(each.envelope), each)
        keys = list(places)
        known = await self._ports.store.get(keys)
        return [places[key] for key, row in zip(keys, known, strict=True) if row is None]

    def _record(self, envelope: Envelope) -> Row:
        expires = int((self._ports.clock.now() + REMEMBERED).timestamp())
        said = {"type": envelope.type, "source": envelope.source}
        return Row(self._place(envelope), INBOX, 1, said, expires=expires)

    def _place(self, envelope: Envelope) -> RowKey:
        return RowKey(partition_key(envelope.tenant, INBOX, self._consumer.name, envelope.id), ALONE)


def backoff(retry: Retry, attempt: int) -> timedelta:
    """The wait after the given attempt: the first delay, doubled with each further attempt, up to the
    longest.
    """
    wait: timedelta = retry.first_delay * (1 << min(attempt - 1, 40))
    return min(wait, retry.longest_delay)
