"""One service in memory: its real resolvers, rules and transactions over memory adapters."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from thestack.adapters.memory.blobs import MemoryBlobs
from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.deliveries import MemoryDeliveries
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.profiles import MemoryProfiles
from thestack.adapters.memory.scheduler import MemoryScheduler
from thestack.adapters.memory.secrets import MemorySecrets
from thestack.adapters.memory.sockets import MemorySockets
from thestack.adapters.memory.store import MemoryStore
from thestack.definition import names
from thestack.definition.hooks import HookRequest, HookResponse
from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.ports import Envelope, Query, RowStore
from thestack.runtime.connections import Connections, Subscriber
from thestack.runtime.consume import Consumer
from thestack.runtime.forms import first_of, form_of
from thestack.runtime.graphql import Subgraph
from thestack.runtime.hooks import Hook
from thestack.runtime.outbox import SHARDS, Entry, from_row, shard
from thestack.runtime.ports import Ports
from thestack.runtime.provided import Provided
from thestack.runtime.reading import hears
from thestack.runtime.scope import Scope
from thestack.runtime.secrets import Secrets
from thestack.runtime.subscriptions import Subscriptions
from thestack.testing.aws import object_created

ACCOUNT = "000000000000"
"""The account of AWS that buckets are in."""
API = "https://api.example"
"""Where links lead to in tests."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription in memory: `told` is what its client was told so far, each a GraphQL response."""

    connection: str
    sockets: MemorySockets

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(text)["payload"] for text in self.sockets.posted[self.connection]]


@dataclass
class Running:
    """One service in memory. `reported` are the errors that a client was told nothing of.

    `secrets` are those that the test keeps there; `given` stand for ports of the service's own, by their
    class. `buckets` are the service's, by their names; a tenant's object "area/rest" lies there in
    "area/tenant/rest".
    """

    model: ServiceModel
    clock: FixedClock
    mailer: MemoryMailer
    profiles: MemoryProfiles
    store: RowStore = field(default_factory=MemoryStore)
    deliveries: MemoryDeliveries = field(default_factory=MemoryDeliveries)
    scheduler: MemoryScheduler = field(default_factory=MemoryScheduler)
    reported: list[BaseException] = field(default_factory=list[BaseException])
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    given: Mapping[type[Any], Any] = field(default_factory=dict[type[Any], Any])
    buckets: dict[str, MemoryBlobs] = field(init=False)
    _numbers: Iterator[int] = field(default_factory=count, repr=False)

    def __post_init__(self) -> None:
        self.buckets = {
            each.name: MemoryBlobs(names.bucket("test", self.model.name, each.name, ACCOUNT), self.clock)
            for each in self.model.buckets
        }
        secrets = Secrets(self.model.name, self.clock, self.secrets, self.secrets)
        self.ports = Ports(
            self.store,
            self.clock,
            self.mailer,
            self.profiles,
            secrets=secrets,
            provided=Provided(self.model, self.clock, secrets, self.given),
            buckets=self.buckets,
            api=API,
        )
        self.subgraph = Subgraph(self.model, lambda error, _: self.reported.append(error))
        self.connections = Connections(MemoryStore(), self.clock)
        self.sockets = MemorySockets()
        self.subscriptions = Subscriptions(self.subgraph, self.ports, self.connections, self.sockets)

    async def ask(self, query: str, scope: Scope, **variables: Any) -> dict[str, Any]:
        """The subgraph's answer to an operation."""
        return await self.subgraph.answer({"query": query, "variables": variables}, self.ports, scope)

    async def subscribe(self, query: str, scope: Scope, **variables: Any) -> "Subscribed":
        """A subscription of the scope's caller, over a connection of its own.

        Raises `AssertionError` with the errors that the client is told, where there are some.
        """
        request = {"query": query, "variables": variables}
        field, errors = self.subscriptions.check(request, scope.caller)
        if errors:
            raise AssertionError(f"the subscription is refused: {errors}")
        name = f"c{next(self._numbers)}"
        connection = await self.connections.open(name)
        connection = await self.connections.welcome(connection, scope.tenant, scope.caller)
        await self.connections.subscribe(Subscriber(connection, "1", field, request))
        return Subscribed(name, self.sockets)

    async def visit(
        self,
        url: str,
        method: str = "GET",
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HookResponse:
        """What a hook answers at a URL, as `Links` makes it: whole, or its path alone.

        Raises `AssertionError` where the API would find no hook of this service.
        """
        place, said = urlsplit(url), {name.lower(): value for name, value in (headers or {}).items()}
        if form is not None:
            said["content-type"], body = "application/x-www-form-urlencoded", urlencode(form).encode()
        found = re.fullmatch(names.hook_path("([^/]+)", self.model.name, "([^/]+)"), place.path)
        hooks = [each for each in self.model.hooks if found and each.name == found[2]]
        if not found or not hooks or method not in hooks[0].methods:
            raise AssertionError(f"{self.model.name} has no hook for {method} {place.path}")
        request = HookRequest(
            method=method,
            tenant=unquote(found[1]),
            query=first_of(place.query),
            form=form_of(said.get("content-type", ""), body),
            headers=said,
            body=body,
        )
        answer = Hook(self.model, hooks[0], self.ports)
        scope = Scope(request.tenant, correlation_id="test")
        response = await answer.answer(request, scope)
        self.reported += scope.journal.failures
        return response

    async def outbox(self) -> list[Entry]:
        """What the service has said and nobody has carried yet, in the order in which it was said."""
        queries = [Query(shard(number), "outbox") for number in range(SHARDS)]
        entries = [from_row(row) for query in queries for row in await self.store.query(query)]
        return sorted(entries, key=lambda entry: entry.envelope.id)

    async def said(self, type: str) -> list[Envelope]:
        """The envelopes in the outbox of one event or queue address."""
        return [entry.envelope for entry in await self.outbox() if entry.envelope.type == type]

    def written(self) -> list[Envelope]:
        """What S3 says of the objects that were written into the service's buckets, and not told before, to
        those who hear it.
        """
        told: list[Envelope] = []
        for bucket in self.buckets.values():
            told += [object_created(each, bucket.bucket) for each in bucket.created]
            bucket.created.clear()
        return [each for each in told if self.consumers_of(each)]

    def consumer(self, name: str) -> Consumer:
        """One of the service's consumers."""
        telling = self.model.telling
        tell = self.subscriptions.tell if telling and name == telling.name else None
        return Consumer(self.model, self.definition(name), self.ports, self.deliveries, tell)

    def definition(self, name: str) -> ConsumerModel:
        """One of the service's consumers, as it is defined; what tells subscribers is one too."""
        telling = self.model.telling
        if telling and name == telling.name:
            return telling
        return next(each for each in self.model.consumers if each.name == name)

    def consumers_of(self, envelope: Envelope) -> list[ConsumerModel]:
        """The consumers that hear an event or take a message."""
        telling = [self.model.telling] if self.model.telling else []
        return [each for each in (*self.model.consumers, *telling) if hears(self.model, each, envelope)]
