"""Consumers: one message, one transaction, one effect, however often it is delivered."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from thestack.definition.conditions import Filter
from thestack.definition.model import ConsumerModel, Retry, ServiceModel, Trigger
from thestack.definition.problems import Conflict, Reject
from thestack.ports import Deliveries, Delivery, Envelope, Refusal, Row, RowKey
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
        self._effect = effect or self._transaction

    async def take(
        self, delivery: Delivery, journal: Journal | None = None
    ) -> tuple[Outcome, Exception | None]:
        """Handle one delivery, and note in the journal what was done.

        `RETRY` means that the message must stay in the queue; with every other outcome this delivery is done.
        The error, if any, is what
        the handler raised.
        """
        journal = Journal() if journal is None else journal
        try:
            if self._consumer.trigger is Trigger.TIME:
                delivery = written(delivery, self._ports.clock.now())
            journal.heard = envelope = self._envelope(delivery)
            given = handed(self._service, self._consumer, envelope)
            journal.heard = envelope = placed(envelope, given)
            where: Filter[Any] | None = self._consumer.where
            if where is not None and not where.admits(*given):
                return Outcome.PASSED, None
            return await self._effect(envelope, given, journal), None
        except Exception as wrong:
            retry = self._consumer.retry
            if isinstance(wrong, Reject) or delivery.attempt >= retry.attempts:
                name = f"{self._service.name}.{self._consumer.name}"
                refusal = Refusal(name, type(wrong).__name__, str(wrong), delivery.attempt)
                await self._deliveries.park(delivery, refusal)
                return Outcome.PARKED, wrong
            await self._deliveries.postpone(delivery, backoff(retry, delivery.attempt))
            return Outcome.RETRY, wrong

    async def hold(self, delivery: Delivery, behind: Delivery) -> None:
        """Put off a delivery behind one of its group that failed: for as long as that one, since the queue
        gives nothing of a group while one of it is out.
        """
        await self._deliveries.postpone(delivery, backoff(self._consumer.retry, behind.attempt))

    def _envelope(self, delivery: Delivery) -> Envelope:
        """The envelope in a delivery. Raises `Reject` if there is none."""
        try:
            return Envelope.from_json(delivery.body)
        except ValueError as wrong:
            raise Reject(str(wrong)) from None

    async def _transaction(self, envelope: Envelope, given: tuple[Any, ...], journal: Journal) -> Outcome:
        """Run the handler and commit its effect with the inbox record;
        a conflict is no attempt, and tried again here.
        """
        key = RowKey(partition_key(envelope.tenant, INBOX, self._consumer.name, envelope.id), ALONE)
        (known,) = await self._ports.store.get([key])
        if known:
            return Outcome.DUPLICATE
        expires = int((self._ports.clock.now() + REMEMBERED).timestamp())
        inbox = Row(key, INBOX, 1, {"type": envelope.type, "source": envelope.source}, expires=expires)
        scope = Scope(
            envelope.tenant, None, envelope.traceparent, envelope.correlation_id, envelope.hops, journal
        )
        once = f"{self._consumer.name}#{envelope.id}"
        for tried in range(CONFLICT_TRIES):
            unit = UnitOfWork(self._service, self._ports, scope)
            unit.receive(inbox)
            try:
                await call(self._service, self._consumer.handler, unit, given, once=once)
                await unit.commit()
            except AlreadyHandled:
                return Outcome.DUPLICATE
            except InProgress:
                raise
            except Conflict:
                if tried + 1 == CONFLICT_TRIES:
                    raise
                await asyncio.sleep(random.uniform(0, 0.02 * 2**tried))  # noqa: S311 - jitter, no secret
                continue
            return Outcome.EFFECTED
        raise AssertionError("unreachable")


def backoff(retry: Retry, attempt: int) -> timedelta:
    """The wait after the given attempt: the first delay, doubled with each further attempt, up to the
    longest.
    """
    wait: timedelta = retry.first_delay * (1 << min(attempt - 1, 40))
    return min(wait, retry.longest_delay)
