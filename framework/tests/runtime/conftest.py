"""A service on memory adapters, driven through its public doors."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.deliveries import MemoryDeliveries
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.store import MemoryStore
from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.definition.scalars import Id
from thestack.ports import Delivery, Envelope, Query, RowStore
from thestack.runtime.consume import Consumer
from thestack.runtime.graphql import Subgraph
from thestack.runtime.outbox import SHARDS, Entry, from_row, shard
from thestack.runtime.ports import Ports
from thestack.runtime.scope import Identified, Scope

HERE = Path(__file__).parent


def caller(name: str, *groups: str, tenant: str = "main") -> Scope:
    """The scope of a request by a user."""
    return Scope(tenant, Identified(Id(name), tenant, frozenset(groups)), correlation_id="c-1")


ANONYMOUS = Scope("main")


@dataclass
class World:
    """One service with everything around it in memory."""

    model: ServiceModel
    store: RowStore = field(default_factory=MemoryStore)
    clock: FixedClock = field(default_factory=lambda: FixedClock(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    deliveries: MemoryDeliveries = field(default_factory=MemoryDeliveries)
    reported: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ports = Ports(self.store, self.clock, self.mailer)
        self.subgraph = Subgraph(self.model, lambda error, _: self.reported.append(error))

    async def ask(self, query: str, scope: Scope, **variables: Any) -> dict[str, Any]:
        return await self.subgraph.answer({"query": query, "variables": variables}, self.ports, scope)

    async def open(self, id: str, scope: Scope, name: str = "first") -> dict[str, Any]:
        mutation = "mutation ($i: OpenAccount!) { openAccount(input: $i) { id name colour } }"
        return await self.ask(mutation, scope, i={"id": id, "name": name})

    async def outbox(self) -> list[Entry]:
        queries = [Query(shard(number), "outbox") for number in range(SHARDS)]
        entries = [from_row(row) for query in queries for row in await self.store.query(query)]
        return sorted(entries, key=lambda entry: entry.envelope.id)

    async def said(self, type: str) -> list[Envelope]:
        return [entry.envelope for entry in await self.outbox() if entry.envelope.type == type]

    def consumer(self, name: str) -> Consumer:
        definition = next(each for each in self.model.consumers if each.name == name)
        return Consumer(self.model, definition, self.ports, self.deliveries)


def delivery(envelope: Envelope, attempt: int = 1) -> Delivery:
    return Delivery(f"m-{envelope.id}", envelope.to_json(), attempt, "receipt")


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    loaded = load(HERE / "bookkeeping.py", HERE)
    assert loaded.model, loaded.diagnostics
    return loaded.model


@pytest.fixture
def world(model: ServiceModel) -> World:
    return World(model)
