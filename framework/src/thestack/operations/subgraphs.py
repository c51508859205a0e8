"""The subgraphs of an environment, run in this process on its tables, which are only read."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any

from thestack.adapters.aws.clock import SystemClock
from thestack.adapters.aws.profiles import CognitoProfiles
from thestack.adapters.aws.store import DynamoStore
from thestack.definition import names
from thestack.definition.model import HandlerModel, ServiceModel
from thestack.definition.pages import Connection
from thestack.infra.environment import Environment
from thestack.operations.aws import Aws
from thestack.operations.callers import pool_of
from thestack.operations.metering import ENTITIES, OnlyReads, Read, ReadingClient, resolver
from thestack.ports import Mail
from thestack.runtime.authorize import caller_of
from thestack.runtime.graphql import Subgraph
from thestack.runtime.ports import Ports
from thestack.runtime.scope import Scope


@dataclass(slots=True)
class Resolver:
    """One resolver in one call: how often it ran, how many items its answers hold, and what it read."""

    name: str
    runs: int = 0
    returned: int = 0
    reads: list[Read] = field(default_factory=list[Read])

    @property
    def read(self) -> int:
        """How many items it read."""
        return sum(each.items for each in self.reads)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a subgraph. Times are in milliseconds; `began` counts from the first call.

    `failures` are the errors that the client is told nothing of.
    """

    service: str
    query: str
    began: float
    ms: float
    resolvers: Sequence[Resolver]
    failures: Sequence[str]


class Subgraphs:
    """The subgraphs of an environment, run in this process; `made` is what was called."""

    def __init__(self, models: Mapping[str, ServiceModel], settings: Environment, aws: Aws) -> None:
        self.made: list[Call] = []
        self._models, self._settings, self._aws = models, settings, aws
        self._dynamodb = aws.client("dynamodb")

    def invoke(self, name: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer an invocation of the subgraph of the service `name`."""
        return asyncio.run(self._answer(self._models[name], event))

    async def _answer(self, model: ServiceModel, event: Mapping[str, Any]) -> Mapping[str, Any]:
        client, failures = ReadingClient(self._dynamodb), list[str]()
        resolvers: dict[str, Resolver] = {}
        subgraph = Subgraph(
            _measured(model, resolvers), lambda error, _: failures.append(f"{type(error).__name__}: {error}")
        )
        request, began = json.loads(event["body"]), time.monotonic() * 1000
        ports = Ports(
            store=DynamoStore(
                client, names.table(self._settings.name, model.name, self._settings.epoch(model.name))
            ),
            clock=SystemClock(),
            mailer=_NoMailer(),
            profiles=_Users(self._aws, self._settings.name),
        )
        answered = await subgraph.answer(request, ports, self._scope(event))
        ms = time.monotonic() * 1000 - began
        for read in client.reads:
            resolvers.setdefault(read.resolver, Resolver(read.resolver)).reads.append(read)
        if ENTITIES in resolvers:
            found = (answered.get("data") or {}).get(ENTITIES) or ()
            resolvers[ENTITIES].runs = 1
            resolvers[ENTITIES].returned = sum(each is not None for each in found)
        self.made.append(Call(model.name, request["query"], began, ms, list(resolvers.values()), failures))
        return {"statusCode": 200, "body": json.dumps(answered), "isBase64Encoded": False}

    def _scope(self, event: Mapping[str, Any]) -> Scope:
        caller = caller_of((event["requestContext"].get("authorizer") or {}).get("lambda"))
        tenant = caller.tenant if caller else self._settings.default_tenant or "main"
        return Scope(tenant=tenant, caller=caller, correlation_id="explain")


class _NoMailer:
    """Refuses to send what a query may ask to."""

    async def send(self, mail: Mail) -> str:
        raise OnlyReads(f"a mail about {mail.subject!r} was to be sent where nothing may happen")


class _Users:
    """The users of the environment's pool, which is looked for when the first is."""

    def __init__(self, aws: Aws, environment: str) -> None:
        self._aws, self._environment = aws, environment

    async def profile(self, user: str) -> Any:
        pool = await asyncio.to_thread(pool_of, self._aws, self._environment)
        return await CognitoProfiles(self._aws.client("cognito-idp"), pool).profile(user)


def _measured(model: ServiceModel, resolvers: dict[str, Resolver]) -> ServiceModel:
    """The model, each of whose resolvers says that it runs, and notes what it answers."""

    def measured(name: str, handler: HandlerModel) -> HandlerModel:
        return replace(handler, function=_noting(name, handler.function, resolvers))

    return replace(
        model,
        operations=tuple(
            replace(each, handler=measured(f"{each.kind.title()}.{each.graphql}", each.handler))
            for each in model.operations
        ),
        computed=tuple(
            replace(each, handler=measured(f"{each.parent}.{each.graphql}", each.handler))
            for each in model.computed
        ),
    )


def _noting(name: str, function: Callable[..., Any], resolvers: dict[str, Resolver]) -> Callable[..., Any]:
    @wraps(function)
    async def noting(*given: Any, **arguments: Any) -> Any:
        noted = resolvers.setdefault(name, Resolver(name))
        noted.runs += 1
        running = resolver.set(name)
        try:
            answered = await function(*given, **arguments)
        finally:
            resolver.reset(running)
        noted.returned += _items(answered)
        return answered

    return noting


def _items(answered: Any) -> int:
    """How many items an answer holds: of a list and of a page, each of its own."""
    match answered:
        case None:
            return 0
        case Connection():
            return len(answered.nodes)
        case list() | tuple():
            return sum(map(_items, answered))
        case _:
            return 1
