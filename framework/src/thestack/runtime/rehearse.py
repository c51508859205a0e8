"""Rehearsals: a consumer runs on a message with everything that is really there, and nothing is done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from thestack.definition.model import Capability, ConsumerModel, HandlerModel, ServiceModel
from thestack.definition.problems import Reject
from thestack.ports import BlobStore, Delivery, Mail, Put, Query, Refusal, Row, RowKey, RowStore, Write
from thestack.runtime import once, outbox, unique
from thestack.runtime.consume import INBOX, Consumer, Outcome
from thestack.runtime.outbox import Entry
from thestack.runtime.ports import Ports
from thestack.runtime.rehearsed_blobs import RehearsedBlobs
from thestack.runtime.secrets import Secrets

NOT_RUN = "rehearsed"
"""What `once` answers for an effect that was not run."""
_OWN_KINDS = frozenset({INBOX, outbox.KIND, once.KIND, unique.KIND})


class Verdict(StrEnum):
    """What would become of the message."""

    EFFECTED = "effected"
    DUPLICATE = "duplicate"
    PASSED = "passed"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Change:
    """One row's fields, before and after; None where there is no row, or it is deleted."""

    entity: str
    key: RowKey
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run would do.

    `error` is what the handler raised, or why the message would be rejected. `effects` are the keys of what
    `once` would do besides sending mail; `objects` tell what would be done in buckets.
    """

    verdict: Verdict
    error: Exception | None
    changes: tuple[Change, ...]
    said: tuple[Entry, ...]
    mails: tuple[Mail, ...]
    effects: tuple[str, ...]
    objects: tuple[str, ...] = ()


async def rehearse(
    service: ServiceModel, consumer: ConsumerModel, ports: Ports, scratch: RowStore, body: str
) -> Rehearsal:
    """Run the consumer on a message, and answer what it would do.

    Rows, profiles and objects are read from `ports`; what is written goes to `scratch`, an empty store that
    is thrown away. Mails are noted, not sent. An effect in `once` is run where the handler asks for a mailer,
    so that its mail is seen; elsewhere it is no mail, and noted by its key. Secrets are stand-ins: what is
    signed with one proves nothing, and nobody lets it in.
    """
    store, mailer = RehearsalStore(ports.store, scratch), _NotingMailer()
    effects, objects = list[str](), list[str]()
    handler = _noting(consumer.handler, effects)
    secrets = Secrets(service.name, ports.clock, _StandIn(), _StandIn())
    real = ports.buckets.items()
    buckets: dict[str, BlobStore] = {name: RehearsedBlobs(each, objects) for name, each in real}
    outcome, error = await Consumer(
        service,
        replace(consumer, handler=handler),
        replace(ports, store=store, mailer=mailer, buckets=buckets, secrets=secrets),
        _NoDeliveries(),
    ).take(Delivery("rehearsal", body, 1, ""))
    changed = await store.changes()
    return Rehearsal(
        _verdict(outcome, error),
        error,
        tuple(change for change, after in changed if after.kind not in _OWN_KINDS),
        tuple(outbox.from_row(after) for _, after in changed if after.kind == outbox.KIND),
        tuple(mailer.sent),
        tuple(effects),
        tuple(objects),
    )


def reading_only(consumer: ConsumerModel) -> ConsumerModel:
    """The consumer as far as it reads what it hears; it does nothing with it."""

    async def nothing(*given: object) -> None: ...

    return replace(consumer, handler=replace(consumer.handler, function=nothing, dependencies=()))


class RehearsalStore:
    """A store in front of `source` that commits to `scratch`, where a row is copied before it is written.

    One's own commits are seen by `get`; `query` answers what the source holds.
    """

    def __init__(self, source: RowStore, scratch: RowStore) -> None:
        self._source, self._scratch = source, scratch
        self._before: dict[RowKey, Row | None] = {}
        self._copying = asyncio.Lock()

    async def get(self, keys: Sequence[RowKey]) -> list[Row | None]:
        here = [key for key in keys if key in self._before]
        there = [key for key in keys if key not in self._before]
        found = dict(zip(here, await self._scratch.get(here), strict=True)) if here else {}
        found |= dict(zip(there, await self._source.get(there), strict=True)) if there else {}
        return [found[key] for key in keys]

    async def query(self, query: Query) -> list[Row]:
        return await self._source.query(query)

    async def commit(self, writes: Sequence[Write]) -> None:
        async with self._copying:
            for write in writes:
                if write.key not in self._before:
                    await self._copy(write.key)
            await self._scratch.commit(writes)

    async def discard(self, keys: Sequence[RowKey]) -> None:
        async with self._copying:
            await self._scratch.discard(keys)

    async def changes(self) -> list[tuple[Change, Row]]:
        """What the commits changed, each with the row as it is now, in the order of the writes."""
        after = await self._scratch.get(list(self._before))
        return [
            (Change(row.kind, row.key, _fields(before), _fields(row)), row)
            for row, before in zip(after, self._before.values(), strict=True)
            if row is not None and row != before
        ]

    async def _copy(self, key: RowKey) -> None:
        (row,) = await self._source.get([key])
        if row is not None:
            await self._scratch.commit([Put(row, None)])
        self._before[key] = row


class _NotingMailer:
    def __init__(self) -> None:
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> str:
        self.sent.append(mail)
        return NOT_RUN


class _StandIn:
    async def fetch(self, name: str) -> str:
        return f"no secret: {name}"


class _NoDeliveries:
    async def postpone(self, delivery: Delivery, delay: timedelta) -> None: ...

    async def park(self, delivery: Delivery, refusal: Refusal) -> None: ...


def _noting(handler: HandlerModel, effects: list[str]) -> HandlerModel:
    """The handler; effects in `once` that are no mail are noted instead of run."""
    asked = {dependency.capability: dependency.name for dependency in handler.dependencies}
    name = asked.get(Capability.ONCE)
    if name is None or Capability.MAILER in asked:
        return handler

    async def function(*given: Any, **provided: Any) -> Any:
        real = provided[name]

        async def noted(key: str, effect: Callable[[], Awaitable[str]], *, shared: bool = False) -> str:
            async def note() -> str:
                effects.append(key)
                return NOT_RUN

            return str(await real(key, note, shared=shared))

        return await handler.function(*given, **{**provided, name: noted})

    return replace(handler, function=function)


def _verdict(outcome: Outcome, error: Exception | None) -> Verdict:
    if error is not None:
        return Verdict.REJECTED if isinstance(error, Reject) else Verdict.FAILED
    if outcome in (Outcome.DUPLICATE, Outcome.PASSED):
        return Verdict(outcome.value)
    return Verdict.EFFECTED


def _fields(row: Row | None) -> Mapping[str, Any] | None:
    return None if row is None or row.gone else row.attributes
