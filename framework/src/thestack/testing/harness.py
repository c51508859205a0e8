"""Runs services in memory:
their real handlers, rules and transactions, with events flowing in process on a clock that tests set.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from thestack.adapters.memory.bus import MemoryBus
from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.deliveries import MemoryDeliveries
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.profiles import MemoryProfiles
from thestack.adapters.memory.queue import MemoryQueue
from thestack.adapters.memory.store import MemoryStore
from thestack.definition.model import ConsumerModel, ServiceModel, Trigger
from thestack.definition.module import model_of
from thestack.definition.scalars import Id
from thestack.ports import Delivery, Envelope, Query, Refusal, RowStore
from thestack.runtime.consume import Consumer, Outcome
from thestack.runtime.graphql import Subgraph
from thestack.runtime.outbox import SHARDS, Entry, from_row, shard
from thestack.runtime.ports import Ports
from thestack.runtime.relay import Relay
from thestack.runtime.scope import Identified, Scope

BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def user(name: str, *groups: str, tenant: str = "main") -> Scope:
    """The scope of a request by a signed-in user; the name is the id."""
    return Scope(tenant, Identified(Id(name), tenant, frozenset(groups)), correlation_id="test")


ANONYMOUS = Scope("main")
"""The scope of a request by nobody."""


@dataclass
class Running:
    """One service in memory."""

    model: ServiceModel
    clock: FixedClock
    mailer: MemoryMailer
    profiles: MemoryProfiles
    store: RowStore = field(default_factory=MemoryStore)
    deliveries: MemoryDeliveries = field(default_factory=MemoryDeliveries)
    reported: list[BaseException] = field(default_factory=list[BaseException])

    def __post_init__(self) -> None:
        self.ports = Ports(self.store, self.clock, self.mailer, self.profiles)
        self.subgraph = Subgraph(self.model, lambda error, _: self.reported.append(error))

    async def ask(self, query: str, scope: Scope, **variables: Any) -> dict[str, Any]:
        """The subgraph's answer to an operation."""
        return await self.subgraph.answer({"query": query, "variables": variables}, self.ports, scope)

    async def outbox(self) -> list[Entry]:
        """What the service has said and nobody has carried yet, in the order in which it was said."""
        queries = [Query(shard(number), "outbox") for number in range(SHARDS)]
        entries = [from_row(row) for query in queries for row in await self.store.query(query)]
        return sorted(entries, key=lambda entry: entry.envelope.id)

    async def said(self, type: str) -> list[Envelope]:
        """The envelopes in the outbox of one event or queue address."""
        return [entry.envelope for entry in await self.outbox() if entry.envelope.type == type]

    def consumer(self, name: str) -> Consumer:
        """One of the service's consumers."""
        definition = next(each for each in self.model.consumers if each.name == name)
        return Consumer(self.model, definition, self.ports, self.deliveries)

    def consumers_of(self, envelope: Envelope) -> list[ConsumerModel]:
        """The consumers that hear an event or take a message."""
        return [each for each in self.model.consumers if _hears(each, envelope)]


class Harness:
    """Several services in memory, joined as bus and queues join them.

    Example:

        harness = Harness(todo, notifications)
        await harness["todo"].ask("mutation { ... }", user("alice"))
        await harness.settle()
        assert harness.mailer.sent[0].to == "alice@example.com"
    """

    def __init__(self, *modules: ModuleType) -> None:
        self.clock, self.mailer, self.profiles = FixedClock(BEGIN), MemoryMailer(), MemoryProfiles()
        models = [model_of(module) for module in modules]
        self._services = {
            model.name: Running(model, self.clock, self.mailer, self.profiles) for model in models
        }

    def __getitem__(self, service: str) -> Running:
        return self._services[service]

    @property
    def dead_letters(self) -> list[tuple[Delivery, Refusal]]:
        """What was given up, by any consumer."""
        return [parked for running in self._services.values() for parked in running.deliveries.parked]

    async def settle(self) -> list[Envelope]:
        """Carry and deliver until nothing moves; answers what went over bus and queues, in order.

        A message that fails is tried again at once, as often as its consumer's `Retry` says.
        """
        moved: list[Envelope] = []
        while True:
            round = [
                envelope for running in self._services.values() for envelope in await self._carry(running)
            ]
            if not round:
                return moved
            moved += round
            for envelope in round:
                await self.deliver(envelope)

    async def deliver(self, envelope: Envelope) -> list[Outcome]:
        """Deliver one envelope to everyone who hears it; answers what became of it at each."""
        return [
            await _take(running.consumer(each.name), envelope)
            for running in self._services.values()
            for each in running.consumers_of(envelope)
        ]

    async def _carry(self, running: Running) -> Sequence[Envelope]:
        bus, queue = MemoryBus(), MemoryQueue()
        await Relay(running.store, bus, queue).carry(await running.outbox())
        return [*bus.published, *(each for sent in queue.sent.values() for each in sent)]


async def _take(consumer: Consumer, envelope: Envelope) -> Outcome:
    attempt = 1
    while True:
        delivery = Delivery(envelope.id, envelope.to_json(), attempt, "receipt")
        outcome, _ = await consumer.take(delivery)
        if outcome is not Outcome.RETRY:
            return outcome
        attempt += 1


def _hears(consumer: ConsumerModel, envelope: Envelope) -> bool:
    if consumer.trigger is Trigger.MESSAGE:
        return envelope.type in {address for _, address in consumer.hears}
    return (envelope.source, envelope.type) in consumer.hears
