"""The server's side of graphql-transport-ws, for connections that nobody holds in memory.

Each frame is handled by itself: what was said before is in the connections' table. So nobody waits for a
client that is late with `connection_init`; it is closed when it comes.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSyntaxError,
    OperationType,
    get_operation_ast,
    parse,
)

from thestack.definition.scalars import Id
from thestack.ports import Claims, Identity
from thestack.ports.sockets import Gone, Sockets
from thestack.runtime.authorize import authorize
from thestack.runtime.connections import Connection, Connections, Subscriber, Taken, TooMany
from thestack.runtime.scope import Identified

PROTOCOL = "graphql-transport-ws"
LONGEST_MESSAGE = 16 * 1024
LONGEST_ID = 128
INIT_SECONDS = 10
Errors = list[dict[str, Any]]
Check = Callable[[str, Mapping[str, Any], Identified | None], Awaitable[tuple[str, Errors]]]
"""Asks the service that has this field of Subscription, if any, whether the caller may make this request:
where its subscribers are kept ("todo.todoCompleted"), or the errors that the client is told.
"""
UNAUTHORIZED = (4401, "Unauthorized")


class Closed(Exception):
    """The protocol ends the connection, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class Transport:
    """Handles what clients do. `default_tenant` is whose anonymous subscribers are; without one there are
    none.
    """

    def __init__(
        self,
        connections: Connections,
        sockets: Sockets,
        identity: Identity,
        check: Check,
        default_tenant: str | None,
    ) -> None:
        self._connections, self._sockets = connections, sockets
        self._identity, self._check = identity, check
        self._default_tenant = default_tenant

    async def connected(self, connection: str) -> None:
        """A client opened a connection."""
        await self._connections.open(connection)

    async def disconnected(self, connection: str) -> None:
        """A connection was closed, by whomever."""
        await self._connections.forget(connection)

    async def said(self, connection: str, text: str) -> str:
        """A client sent a frame; answers what became of it, for the log: "subscribe", "4400 ...", "gone"."""
        try:
            return await self._handle(connection, text)
        except Closed as closed:
            await self._sockets.close(connection, closed.code, closed.reason)
            await self._connections.forget(connection)
            return str(closed)
        except Gone:
            await self._connections.forget(connection)
            return "gone"

    async def _handle(self, id: str, text: str) -> str:
        message = _parsed(text)
        connection = await self._connections.find(id)
        if connection is None:
            raise Closed(*UNAUTHORIZED)
        kind = message["type"]
        match kind:
            case "connection_init":
                await self._init(connection, message.get("payload") or {})
            case "ping":
                await self._send(id, {"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(self._ready(connection), message)
            case "complete":
                await self._connections.complete(self._ready(connection).id, _id_of(message))
            case _:
                raise Closed(4400, "Unknown message type")
        return str(kind)

    def _ready(self, connection: Connection) -> Connection:
        """The connection, if its client said who they are, and still is who they were."""
        if not connection.is_ready or connection.ends <= self._connections.now:
            raise Closed(*UNAUTHORIZED)
        return connection

    async def _init(self, connection: Connection, payload: Any) -> None:
        if connection.is_ready:
            raise Closed(4429, "Too many initialisation requests")
        if self._connections.now > connection.opened + INIT_SECONDS:
            raise Closed(4408, "Connection initialisation timeout")
        claims = await self._claims(payload)
        caller, ends = None, None
        tenant = claims.tenant if claims else self._default_tenant
        if tenant is None:
            raise Closed(*UNAUTHORIZED)
        if claims:
            caller = Identified(Id(claims.subject), claims.tenant, claims.groups)
            ends = int(claims.expires.timestamp())
        try:
            await self._connections.welcome(connection, tenant, caller, ends)
        except Taken:
            raise Closed(4429, "Too many initialisation requests") from None
        except TooMany:
            raise Closed(4429, "Too many connections") from None
        await self._send(connection.id, {"type": "connection_ack"})

    async def _claims(self, payload: Any) -> Claims | None:
        """Whose token is in the payload; None where there is none."""
        if not isinstance(payload, Mapping):
            raise Closed(4400, "The payload must be an object")
        said = {str(name).lower(): value for name, value in payload.items()}
        if said.get("authorization") is None:
            return None
        header = said["authorization"]
        claims = await authorize(self._identity, header) if isinstance(header, str) else None
        if claims is None:
            raise Closed(*UNAUTHORIZED)
        return claims

    async def _subscribe(self, connection: Connection, message: Mapping[str, Any]) -> None:
        id, request = _id_of(message), _request_of(message)
        try:
            field = _field(parse(request["query"]), request.get("operationName"))
        except GraphQLSyntaxError as wrong:
            code = {"code": "GRAPHQL_PARSE_FAILED"}
            return await self._refuse(connection.id, id, [{**wrong.formatted, "extensions": code}])
        if field is None:
            said = "Over this connection there are subscriptions of one field only; ask the rest over HTTP."
            return await self._refuse(
                connection.id, id, [{"message": said, "extensions": {"code": "BAD_REQUEST"}}]
            )
        place, errors = await self._check(field, request, connection.caller)
        if errors:
            return await self._refuse(connection.id, id, errors)
        try:
            await self._connections.subscribe(Subscriber(connection, id, place, request))
        except Taken:
            raise Closed(4409, f"Subscriber for {id} already exists") from None
        except TooMany:
            said = "This connection has as many subscriptions as it may have; complete one."
            await self._refuse(connection.id, id, [{"message": said, "extensions": {"code": "TOO_MANY"}}])

    async def _refuse(self, connection: str, id: str, errors: Errors) -> None:
        await self._send(connection, {"id": id, "type": "error", "payload": errors})

    async def _send(self, connection: str, message: Mapping[str, Any]) -> None:
        await self._sockets.post(connection, json.dumps(message))


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_MESSAGE:
        raise Closed(4400, "Message too large")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Closed(4400, "Invalid message") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closed(4400, "Invalid message")
    return message


def _id_of(message: Mapping[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        raise Closed(4400, "`id` must be a short string")
    return id


def _request_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """The GraphQL request of a `subscribe`, without what else the client put there."""
    payload = message.get("payload")
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        raise Closed(4400, "The payload must be a GraphQL request")
    variables, name = payload.get("variables"), payload.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Closed(4400, "The payload must be a GraphQL request")
    return {"query": payload["query"], "variables": variables or {}, "operationName": name}


def _field(document: DocumentNode, operation_name: str | None) -> str | None:
    """The field that a document subscribes to, before anything is known of its schema."""
    operation = get_operation_ast(document, operation_name)
    if operation is None or operation.operation is not OperationType.SUBSCRIPTION:
        return None
    names = [each.name.value for each in operation.selection_set.selections if isinstance(each, FieldNode)]
    return names[0] if len(names) == 1 else None
