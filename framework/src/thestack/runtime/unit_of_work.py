"""A handler's transaction: what it staged, committed when it returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from ulid import ULID

from thestack.definition.model import EntityModel, MessageModel, ServiceModel
from thestack.definition.problems import Conflict, Reject, TooLarge
from thestack.definition.shapes import Event, ForeignMessage, Message
from thestack.ports import Add, Contention, Envelope, Put, Row, RowKey, Stale, TransactionTooLarge, Write
from thestack.runtime import outbox, unique
from thestack.runtime.amending import amended
from thestack.runtime.ports import Ports
from thestack.runtime.scope import Scope
from thestack.runtime.unique import Holding

TRIES = 3
"""How often a transaction is brought in line with what is in its way."""
LARGEST_ENVELOPE = 240 * 1024
"""Bus and queues take 256 KB, with what they add to it themselves."""

Outgoing = Event | Message | ForeignMessage


class AlreadyHandled(Exception):
    """The inbox holds this message: its effect is there, and this delivery has none."""


@dataclass(slots=True)
class Staged:
    """One row to be written: the entity as it will be (None: deleted), the version it was read at, and the
    markers of its unique values.
    """

    entity: Any
    row: Row
    expect: int | None
    holding: Holding = field(default_factory=Holding)


class UnitOfWork:
    """Collects writes and outgoing events; `commit` applies all of them in one transaction, or none."""

    def __init__(self, service: ServiceModel, ports: Ports, scope: Scope) -> None:
        self.service, self.ports, self.scope = service, ports, scope
        self._staged: dict[RowKey, Staged] = {}
        self._added: dict[RowKey, Add] = {}
        self._outgoing: list[outbox.Entry] = []
        self._inbox: tuple[Row, ...] = ()

    @property
    def is_dirty(self) -> bool:
        """Whether anything is staged."""
        return bool(self._staged or self._added)

    def has_guests(self, entity: EntityModel) -> bool:
        """Whether rows of other entities lie in the partitions of this one."""
        return any(each.beside == entity.name for each in self.service.entities)

    def staged(self, key: RowKey) -> Staged | None:
        """What was staged for this row, so that a handler sees its own writes."""
        return self._staged.get(key)

    def stage(self, staged: Staged, outgoing: tuple[Outgoing, ...]) -> None:
        """Write a row and say what was done, in this order.

        The row's version grows by what it says, so that each event has a number of its own.
        """
        key = staged.row.key
        if key in self._added:
            raise ValueError(f"`{staged.row.kind}` was added to and put in one handler; do one of them")
        before = self._staged.get(key)
        expect = before.expect if before else staged.expect
        version = before.row.version if before else (staged.expect or 0)
        for each in outgoing:
            version += 1
            self._say(each, staged.row, version)
        if not outgoing and not before:
            version += 1
        holding = Holding((before or staged).holding.before, staged.holding.after)
        self._staged[key] = Staged(staged.entity, replace(staged.row, version=version), expect, holding)

    def add(self, entity: EntityModel, row: Row, deltas: Mapping[str, int]) -> None:
        """Add to counters; several additions to one row become one. The stamp of its change is the last."""
        if row.key in self._staged:
            raise ValueError(f"`{entity.name}` was put and added to in one handler; do one of them")
        before = self._added.get(row.key)
        total = dict(before.deltas) if before else {}
        for name, delta in deltas.items():
            total[name] = total.get(name, 0) + delta
        anew = frozenset({entity.updated} if entity.updated else ())
        now = int(self.ports.clock.now().timestamp()) if entity.expires else None
        self._added[row.key] = Add(row, total, anew, now)

    def receive(self, *inbox: Row) -> None:
        """Commit these inbox records with the effect: their messages are handled exactly when it is there."""
        self._inbox = inbox

    async def commit(self) -> None:
        """Write everything staged, and note in the journal what was said with it.

        Raises `Conflict` when a row changed since it was read, `Taken` when another row has a unique value,
        `AlreadyHandled` for a duplicate, `TooLarge` beyond the limits of one transaction; `Contention` when
        other transactions held the rows for too long.
        """
        writes: list[Write] = [Put(each.row, each.expect) for each in self._staged.values()]
        writes += self._added.values()
        writes += unique.writes(each.holding for each in self._staged.values())
        now = self.ports.clock.now()
        writes += [Put(outbox.to_row(each, now), None) for each in self._outgoing]
        writes += [Put(each, None) for each in self._inbox]
        if not writes:
            return
        try:
            await self._commit(writes)
        except TransactionTooLarge as large:
            raise TooLarge(str(large)) from None
        except Contention:
            raise Conflict("Too many changes at once; try again.") from None
        self.scope.journal.caused += [each.envelope for each in self._outgoing if not each.cancels]

    async def _commit(self, writes: list[Write]) -> None:
        found: dict[RowKey, Row | None] = {}
        for _ in range(TRIES):
            try:
                now = self.ports.clock.now()
                return await self.ports.store.commit(amended(writes, found, now) if found else writes)
            except Stale as stale:
                if any(each.key in stale.rows for each in self._inbox):
                    raise AlreadyHandled from None
                found |= stale.rows
        raise Conflict

    def _say(self, outgoing: Outgoing, about: Row, version: int) -> None:
        scope = self.scope
        if scope.hops >= scope.most:
            raise Reject(
                f"{scope.most} handlers have followed from one cause; this looks like a cycle of events"
            )
        model = self.service.outgoing(type(outgoing))
        if model is None:
            raise TypeError(f"`{type(outgoing).__name__}` is no event or message of {self.service.name}")
        data, group, wait = dump(outgoing), None, None
        if isinstance(model, MessageModel):
            group, wait = model.group, wait_of(model, outgoing)
        envelope = Envelope(
            id=str(ULID()),
            type=model.address if isinstance(model, MessageModel) else model.name,
            version=model.version,
            source=self.service.name,
            subject=outbox.subject_of(about.key),
            time=self.ports.clock.now(),
            tenant=scope.tenant,
            data=data,
            sequence=(self.ports.epoch, version),
            traceparent=scope.traceparent,
            correlation_id=scope.correlation_id,
            hops=scope.hops + 1,
            partition_key=str(data[group]) if group else None,
        )
        size = len(envelope.to_json().encode())
        if size > LARGEST_ENVELOPE:
            what = f"{envelope.type} has {size} bytes"
            raise TooLarge(f"{what}; at most {LARGEST_ENVELOPE} travel: say where to find it instead")
        to = model.address if isinstance(model, MessageModel) else outbox.BUS
        entry = outbox.Entry(to, envelope, wait=wait)
        self._outgoing.append(entry if isinstance(outgoing, Event) else _put_off(entry, outgoing))


def _put_off(entry: outbox.Entry, message: Any) -> outbox.Entry:
    """The entry of a message with the moment until which it is put off, or with what it calls off."""
    return replace(entry, due=message._due, name=message._name, cancels=message._cancels)


def wait_of(model: MessageModel, message: Any) -> timedelta | None:
    """How long nobody may take the message; None: as its queue has it. Raises `ValueError` where its queue
    keeps order, in which no message waits by itself.
    """
    wait: timedelta | None = message._wait
    if wait is None:
        return None
    if model.group:
        kept = f"the queue of `{model.name}` keeps the order of each `{model.group}`"
        raise ValueError(f"{kept}, so none of its messages can be sent `after` a wait of its own")
    return max(wait, model.delay)


def dump(shape: Any) -> dict[str, Any]:
    """A shape's fields as JSON values, in snake_case."""
    dumped: dict[str, Any] = shape.model_dump(mode="json")
    return dumped
