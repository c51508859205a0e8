"""Tells subscribers of events: each what the service's map makes of it for them, in their own selection.

A subscription is answered by the subgraph of the service that declares it, so its selection holds what that
subgraph has; of the entities of others these are the keys.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphql import (
    FieldNode,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    get_variable_values,
)

from thestack.definition.model import ServiceModel, SubscriptionModel
from thestack.definition.problems import Problem
from thestack.ports import Envelope
from thestack.ports.sockets import LARGEST_FRAME, Gone, Sockets
from thestack.runtime.access import require
from thestack.runtime.connections import Connections, Subscriber
from thestack.runtime.consume import Outcome
from thestack.runtime.graphql import Subgraph
from thestack.runtime.journal import Journal
from thestack.runtime.ports import Ports
from thestack.runtime.reading import read
from thestack.runtime.resolvers import Telling
from thestack.runtime.scope import Identified, Scope

AT_ONCE = 32
EXPIRED = (4401, "Unauthorized")
Errors = list[dict[str, Any]]


class Subscriptions:
    """The subscriptions of one service: `check` when a client subscribes, `tell` when something happened."""

    def __init__(self, subgraph: Subgraph, ports: Ports, connections: Connections, sockets: Sockets) -> None:
        self._service: ServiceModel = subgraph.service
        self._subgraph, self._ports = subgraph, ports
        self._connections, self._sockets = connections, sockets

    def check(self, request: Mapping[str, Any], caller: Identified | None) -> tuple[str, Errors]:
        """The field that a request subscribes to ("todo.todoCompleted"), or what is wrong with it."""
        node = self._subgraph.read(request)
        if isinstance(node, list):
            return "", node
        operation = get_operation_ast(node, request.get("operationName"))
        if operation is None or operation.operation is not OperationType.SUBSCRIPTION:
            return "", _wrong("The operation is no subscription; ask it over HTTP.", "BAD_REQUEST")
        part = self._part(operation)
        if part is None:
            return "", _wrong("A subscription begins with one field, and no fragment.", "BAD_REQUEST")
        try:
            require(part.allow, Scope(caller.tenant if caller else "", caller))
        except Problem as problem:
            return "", _wrong(str(problem), problem.code)
        given = dict(request.get("variables") or {})
        values = get_variable_values(self._subgraph.schema, operation.variable_definitions or (), given)
        if isinstance(values, list):
            return "", [error for each in values for error in _wrong(each.message, "BAD_USER_INPUT")]
        return f"{self._service.name}.{part.graphql}", []

    async def tell(self, envelope: Envelope, given: tuple[Any, ...], journal: Journal) -> Outcome:
        """Tell everybody who subscribed to what hears the event.

        A subscriber may be told of one event twice: `extensions.id` is the event's. A subscriber who is gone
        is forgotten, and one whose token ended is shown out.
        """
        (event,) = given
        heard = (envelope.source, envelope.type)
        for part in self._service.subscriptions:
            if heard not in part.hears:
                continue
            alike: dict[str, list[Subscriber]] = defaultdict(list)
            field = f"{self._service.name}.{part.graphql}"
            async for subscriber in self._connections.subscribers(envelope.tenant, field):
                alike[_likeness(subscriber)].append(subscriber)
            slots = asyncio.Semaphore(AT_ONCE)
            said = event if type(event) in part.reads else self._read(part, envelope)
            tellings = (self._tell(envelope, said, each, journal, slots) for each in alike.values())
            for failure in await asyncio.gather(*tellings, return_exceptions=True):
                if failure is not None:
                    raise failure
        return Outcome.EFFECTED

    def _read(self, part: SubscriptionModel, envelope: Envelope) -> Any:
        """The event as this subscription's own class of it: each may read other fields."""
        telling = self._service.telling
        return read(self._service, replace(telling, reads=part.reads), envelope) if telling else None

    async def _tell(
        self,
        envelope: Envelope,
        event: Any,
        alike: Sequence[Subscriber],
        journal: Journal,
        slots: asyncio.Semaphore,
    ) -> None:
        """Tell those who asked the same in the same name: one answer, sent to each."""
        now = self._connections.now
        alive = [each for each in alike if each.connection.ends > now]
        async with slots:
            for ended in (each.connection.id for each in alike if each.connection.ends <= now):
                await self._sockets.close(ended, *EXPIRED)
                await self._connections.forget(ended)
            answer = await self._answer(envelope, event, alive[0], journal) if alive else None
            if answer is None:
                return
            for each in alive:
                message = {"id": each.id, "type": "next", "payload": answer}
                try:
                    await self._sockets.post(each.connection.id, json.dumps(message))
                except Gone:
                    await self._connections.forget(each.connection.id)

    async def _answer(
        self, envelope: Envelope, event: Any, subscriber: Subscriber, journal: Journal
    ) -> dict[str, Any] | None:
        """What this subscriber is told, or None for nothing."""
        node = self._subgraph.read(subscriber.request)
        told = {"id": envelope.id}
        if isinstance(node, list):  # the service changed since they subscribed
            return {"errors": node, "extensions": told}
        scope = Scope(
            envelope.tenant,
            subscriber.connection.caller,
            envelope.traceparent,
            envelope.correlation_id,
            envelope.hops,
            journal=journal,
        )
        telling = Telling(event)
        answer = await self._subgraph.run(node, subscriber.request, self._ports, scope, telling)
        if not telling.told:
            return None
        answer |= {"extensions": told}
        if len(json.dumps(answer)) > LARGEST_FRAME:
            wrong = _wrong("What there is to tell is larger than a WebSocket takes.", "TOO_LARGE")
            return {"errors": wrong, "extensions": told}
        return answer

    def _part(self, operation: OperationDefinitionNode) -> SubscriptionModel | None:
        root = [each for each in operation.selection_set.selections if isinstance(each, FieldNode)]
        if len(root) != 1 or len(operation.selection_set.selections) != 1:
            return None
        name = root[0].name.value
        return next((each for each in self._service.subscriptions if each.graphql == name), None)


def _likeness(subscriber: Subscriber) -> str:
    caller = subscriber.connection.caller
    who = [caller.id, caller.tenant, sorted(caller.groups)] if caller else None
    return json.dumps([who, dict(subscriber.request)], sort_keys=True)


def _wrong(message: str, code: str) -> Errors:
    return [{"message": message, "extensions": {"code": code}}]
