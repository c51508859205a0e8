"""Consumers: one message, one transaction, one effect, however often it is delivered."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from thestack.definition.model import ConsumerModel, EventModel, MessageModel, Retry, ServiceModel, Trigger
from thestack.definition.problems import Conflict, Reject
from thestack.ports import Deliveries, Delivery, Envelope, Refusal, Row, RowKey
from thestack.runtime.invoke import call
from thestack.runtime.journal import Journal
from thestack.runtime.keys import ALONE, partition_key
from thestack.runtime.once import InProgress
from thestack.runtime.ports import Ports
from thestack.runtime.scope import Scope
from thestack.runtime.unit_of_work import AlreadyHandled, UnitOfWork

INBOX = "inbox"
REMEMBERED = timedelta(days=30)
"""Longer than a message can live in queue and DLQ together (14 + 14 days), so that no redrive repeats an
effect.
"""
LONGEST_DELAY = timedelta(minutes=15)
CONFLICT_TRIES = 8

Effect = Callable[[Envelope, Any, Journal], Awaitable["Outcome"]]


class Outcome(StrEnum):
    """What became of a delivery."""

    EFFECTED = "effected"
    DUPLICATE = "duplicate"
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
            journal.heard = envelope = self._envelope(delivery)
            return await self._effect(envelope, self._read(envelope), journal), None
        except Exception as wrong:
            retry = self._consumer.retry
            if isinstance(wrong, Reject) or delivery.attempt >= retry.attempts:
                name = f"{self._service.name}.{self._consumer.name}"
                refusal = Refusal(name, type(wrong).__name__, str(wrong), delivery.attempt)
                await self._deliveries.park(delivery, refusal)
                return Outcome.PARKED, wrong
            await self._deliveries.postpone(delivery, backoff(retry, delivery.attempt))
            return Outcome.RETRY, wrong

    def _envelope(self, delivery: Delivery) -> Envelope:
        """The envelope in a delivery. Raises `Reject` if there is none."""
        try:
            return Envelope.from_json(delivery.body)
        except ValueError as wrong:
            raise Reject(str(wrong)) from None

    def _read(self, envelope: Envelope) -> Any:
        """The typed event or message in an envelope. Raises `Reject` for what no retry can mend."""
        model = self._model(envelope)
        if model is None:
            raise Reject(f"`{self._consumer.name}` does not hear {envelope.type} of {envelope.source}.")
        if isinstance(model, EventModel) and model.version != envelope.version:
            raise Reject(
                f"{envelope.type} came in version {envelope.version}; this service reads {model.version}."
            )
        try:
            return model.type.model_validate(dict(envelope.data))
        except ValidationError as wrong:
            first = wrong.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Reject(f"{envelope.type} is malformed: {where}: {first['msg']}.") from None

    def _model(self, envelope: Envelope) -> EventModel | MessageModel | None:
        heard = self._consumer.hears
        if self._consumer.trigger is Trigger.MESSAGE:
            messages = (*self._service.messages, *self._service.foreign_messages)
            addresses = {address for _, address in heard}
            return next((m for m in messages if m.address == envelope.type and m.address in addresses), None)
        events = (*self._service.events, *self._service.foreign_events)
        if (envelope.source, envelope.type) not in heard:
            return None
        return next((e for e in events if (e.source, e.name) == (envelope.source, envelope.type)), None)

    async def _transaction(self, envelope: Envelope, given: Any, journal: Journal) -> Outcome:
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
                await call(self._service, self._consumer.handler, unit, (given,), once=once)
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
    """The wait after the given attempt: the first delay, doubled with each further attempt."""
    wait: timedelta = retry.first_delay * (1 << (attempt - 1))
    return min(wait, LONGEST_DELAY)
