"""Who is connected, and what they want to be told of: rows of the connections' table.

pk  connection#ID           sk  -                a connection
pk  connection#ID           sk  subscription#OP  one of its subscriptions
pk  tenant#service.field    sk  ID#OP            the same, by the index `subscribers`
pk  tenant#user             sk  ID               a connection of a user, by the index `users`
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from thestack.definition.scalars import Id
from thestack.ports import Clock, Put, Query, Row, RowKey, RowStore, Stale
from thestack.runtime.keys import ALONE
from thestack.runtime.scope import Identified

SUBSCRIBERS = "subscribers"
USERS = "users"
LASTS = timedelta(hours=2)
"""As long as API Gateway keeps a connection."""
MOST_CONNECTIONS = 20
"""Of one user."""
MOST_SUBSCRIPTIONS = 50
"""Of one connection."""
_CHUNK = 100
_PREFIX = "subscription#"
_AFTER = "\x00"


class TooMany(Exception):
    """A bound is reached; the message says which."""


class Taken(Exception):
    """There is such a connection, or such a subscription of it, already."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection: `is_ready` once its client said who they are, until `ends`. Times are unix seconds."""

    id: str
    opened: int
    ends: int
    tenant: str = ""
    caller: Identified | None = None
    is_ready: bool = False


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscription of a connection: `id` is the client's, `request` a GraphQL request."""

    connection: Connection
    id: str
    field: str
    request: Mapping[str, Any]


class Connections:
    """The table of connections."""

    def __init__(self, store: RowStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    @property
    def now(self) -> int:
        """The time, in unix seconds."""
        return int(self._clock.now().timestamp())

    async def open(self, id: str) -> Connection:
        """A connection of nobody yet. Raises `Taken`."""
        now = self.now
        connection = Connection(id, now, now + int(LASTS.total_seconds()))
        await self._put(_row(connection), None)
        return connection

    async def find(self, id: str) -> Connection | None:
        """The connection, or None where there is none."""
        (row,) = await self._store.get([_key(id)])
        return _connection(row) if row else None

    async def welcome(
        self, connection: Connection, tenant: str, caller: Identified | None, ends: int | None = None
    ) -> Connection:
        """The connection, from now on of this caller, no longer than until `ends`.

        Raises `TooMany` where the caller has too many, `Taken` where somebody was welcomed before.
        """
        ready = replace(
            connection,
            tenant=tenant,
            caller=caller,
            ends=min(connection.ends, ends or connection.ends),
            is_ready=True,
        )
        if caller is not None:
            others = Query(f"{tenant}#{caller.id}", USERS, limit=_CHUNK)
            alive = [row for row in await self._store.query(others) if (row.expires or 0) > self.now]
            if len(alive) >= MOST_CONNECTIONS:
                raise TooMany(f"{MOST_CONNECTIONS} connections of one user")
        await self._put(replace(_row(ready), version=2), 1)
        return ready

    async def subscribe(self, subscriber: Subscriber) -> None:
        """Keep a subscription. Raises `Taken` where its id is in use, `TooMany`."""
        connection = subscriber.connection
        held = await self._rows(connection.id)
        key = RowKey(_key(connection.id).pk, f"{_PREFIX}{subscriber.id}")
        if any(row.key == key for row in held):
            raise Taken(subscriber.id)
        if len(held) > MOST_SUBSCRIPTIONS:
            raise TooMany(f"{MOST_SUBSCRIPTIONS} subscriptions of one connection")
        place = RowKey(f"{connection.tenant}#{subscriber.field}", f"{connection.id}#{subscriber.id}")
        said = {
            "connection": dict(_row(connection).attributes),
            "id": subscriber.id,
            "field": subscriber.field,
            "request": dict(subscriber.request),
        }
        row = Row(key, "subscription", 1, said, {SUBSCRIBERS: place}, expires=connection.ends)
        await self._put(row, None)

    async def complete(self, connection: str, id: str) -> None:
        """Forget one subscription; no error where there is none."""
        await self._store.discard([RowKey(_key(connection).pk, f"{_PREFIX}{id}")])

    async def forget(self, connection: str) -> None:
        """Forget a connection with all that it subscribed to."""
        while rows := await self._rows(connection):
            await self._store.discard([row.key for row in rows])

    async def subscribers(self, tenant: str, field: str) -> AsyncIterator[Subscriber]:
        """Everybody who subscribed to a field ("todo.todoCompleted") in the tenant."""
        low = None
        while True:
            rows = await self._store.query(Query(f"{tenant}#{field}", SUBSCRIBERS, low=low, limit=_CHUNK))
            for row in rows:
                said = row.attributes
                yield Subscriber(_of(said["connection"]), said["id"], said["field"], said["request"])
            if len(rows) < _CHUNK:
                return
            low = rows[-1].indexes[SUBSCRIBERS].sk + _AFTER

    async def _rows(self, connection: str) -> list[Row]:
        return await self._store.query(Query(_key(connection).pk, limit=_CHUNK))

    async def _put(self, row: Row, expect: int | None) -> None:
        try:
            await self._store.commit([Put(row, expect)])
        except Stale:
            raise Taken(row.key.pk) from None


def _key(connection: str) -> RowKey:
    return RowKey(f"connection#{connection}", ALONE)


def _row(connection: Connection) -> Row:
    caller = connection.caller
    said = {
        "id": connection.id,
        "opened": connection.opened,
        "ends": connection.ends,
        "tenant": connection.tenant,
        "user": caller.id if caller else None,
        "groups": sorted(caller.groups) if caller else [],
        "ready": connection.is_ready,
    }
    indexes = {USERS: RowKey(f"{connection.tenant}#{caller.id}", connection.id)} if caller else {}
    return Row(_key(connection.id), "connection", 1, said, indexes, expires=connection.ends)


def _connection(row: Row) -> Connection:
    return _of(row.attributes)


def _of(said: Mapping[str, Any]) -> Connection:
    user, tenant = said["user"], said["tenant"]
    caller = Identified(Id(user), tenant, frozenset(said["groups"])) if user else None
    return Connection(said["id"], int(said["opened"]), int(said["ends"]), tenant, caller, bool(said["ready"]))
