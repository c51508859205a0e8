"""Rows of an entity in memory, for a test that calls one handler as the plain function that it is."""

import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from types import ModuleType
from typing import Any, Generic

from typing_extensions import TypeVar

from thestack.adapters.memory.store import MemoryStore
from thestack.definition.capabilities import Collection, Once, Part, Reader
from thestack.definition.conditions import Filter
from thestack.definition.indexes import Access
from thestack.definition.model import Capability, DependencyModel, ServiceModel
from thestack.definition.module import model_of
from thestack.definition.pages import Connection, Page
from thestack.definition.scalars import Id
from thestack.definition.service import Service
from thestack.definition.shapes import Entity
from thestack.ports import Clock, RowKey
from thestack.runtime.collected import CollectedRows
from thestack.runtime.keys import row_key
from thestack.runtime.once import OnceEffects
from thestack.runtime.ports import Ports
from thestack.runtime.rows import PartitionRows, ReadableRows
from thestack.runtime.scope import Identified, Scope
from thestack.runtime.unit_of_work import Outgoing, UnitOfWork
from thestack.testing.circumstances import TENANT, fixed_clock

E = TypeVar("E", bound=Entity)
T = TypeVar("T")
W = TypeVar("W")


class Memory(Generic[E]):
    """Rows of one entity, as a handler asks for them: an `Owned`, a `Store`, and by `read_by` a `Reader`.

    What is put, added, deleted and said is staged, as in a running handler; `commit` ends the transaction,
    as the framework does when a handler returns. Made by `memory`.
    """

    def __init__(self, table: "_Table", partition: tuple[Any, ...] | None) -> None:
        self._table, self._partition = table, partition

    @property
    def said(self) -> list[Outgoing]:
        """The events and messages emitted so far, in order, staged or committed."""
        return [*self._table.committed, *self._table.staged]

    @property
    def rows(self) -> list[E]:
        """Every row that is stored, whoever owns it, first made first; what is staged is none yet."""
        return self._table.stored()

    async def commit(self) -> None:
        """Store what is staged, or nothing of it; the next write begins another transaction.

        Raises what ends a handler's transaction: `Conflict`, `TooLarge`.
        """
        await self._table.commit()

    def owned_by(self, owner: Id) -> "Memory[E]":
        """The rows of one user, in the same transaction."""
        if not self._table.entity.owner:
            raise TypeError(f"{self._table.entity.name} has no owner; use `within(...)`")
        return Memory(self._table, (owner,))

    def within(self, *partition: object) -> "Memory[E]":
        """The rows of one partition, in the same transaction: the values of the key's fields but the last."""
        return Memory(self._table, partition)

    def read_by(self, caller: Identified | None) -> Reader[E]:
        """What is stored and the caller may read by the entity's `allow`."""
        unit = UnitOfWork(self._table.service, self._table.ports, Scope(TENANT, caller))
        return ReadableRows(unit, self._table.entity)

    async def get(self, *key: Part) -> E:
        """As `Rows.get`."""
        found: E = await self._narrowed.get(*key)
        return found

    async def find(self, *key: Part) -> E | None:
        """As `Rows.find`."""
        found: E | None = await self._narrowed.find(*key)
        return found

    async def find_all(self, keys: Sequence[Part | tuple[Part, ...]]) -> list[E | None]:
        """As `Rows.find_all`."""
        return await self._narrowed.find_all(keys)

    async def page(
        self, by: Access[E, W] | None = None, page: Page | None = None, *, where: Filter[E] | None = None
    ) -> Connection[E]:
        """As `Rows.page`."""
        return await self._narrowed.page(by, page, where=where)

    def each(self, by: Access[E, W]) -> AsyncIterator[E]:
        """As `Rows.each`."""
        return self._narrowed.each(by)

    async def put(self, entity: E, *, emit: Outgoing | Sequence[Outgoing] | None = None) -> E:
        """As `Rows.put`."""
        await self._narrowed.put(entity, emit=emit)
        self._table.note(entity, emit)
        return entity

    async def add(self, delta: E) -> None:
        """As `Rows.add`."""
        await self._narrowed.add(delta)
        self._table.note(delta, None)

    async def delete(self, entity: E, *, emit: Outgoing | Sequence[Outgoing] | None = None) -> None:
        """As `Rows.delete`."""
        await self._narrowed.delete(entity, emit=emit)
        self._table.note(entity, emit)

    async def restore(self, *key: Part, emit: Outgoing | Sequence[Outgoing] | None = None) -> E:
        """As `Rows.restore`."""
        restored: E = await self._narrowed.restore(*key, emit=emit)
        self._table.note(restored, emit)
        return restored

    @property
    def _narrowed(self) -> PartitionRows:
        table = self._table
        if self._partition is None:
            raise TypeError(
                f"whose rows of {table.entity.name}? Write `memory({table.entity.name}, ..., owner=...)`, "
                "or narrow by `owned_by(...)` or `within(...)`"
            )
        return PartitionRows(table.unit, table.entity, table.dependency, self._partition)


def memory(entity: type[E], *rows: E, owner: str | None = None, clock: Clock | None = None) -> Memory[E]:
    """Rows of an entity for a handler's `Owned[...]` or `Store[...]`, with `rows` stored already.

    `owner` is whose rows they are for an `Owned`; without it, the one whose all of `rows` are. Everything
    that the service may say may be emitted; which of it the handler may, a type checker knows.

    Raises `TypeError` if the entity belongs to no service, or a row to another entity.

    Example:

        mine = memory(Todo, todo)
        await complete_todo(todo.id, mine=mine, clock=fixed_clock())
        assert mine.said == [TodoCompleted(...)]
        await mine.commit()
        assert [each.status for each in mine.rows] == [Status.DONE]
    """
    table = _Table(model_of(_home(entity)), entity.__name__, clock or fixed_clock())
    for row in rows:
        _finish(table.store_now(row))
    owners = {str(getattr(row, table.entity.owner)) for row in rows} if table.entity.owner else set[str]()
    whose = owner or (owners.pop() if len(owners) == 1 else None)
    return Memory(table, None if whose is None else (whose,))


def memory_collection(entity: type[Entity], *rows: E, clock: Clock | None = None) -> Collection[E]:
    """Rows for a handler's `Collection[...]`, stored already: of `entity`, and of those that lie beside it.

    Raises `TypeError` if the entity belongs to no service.

    Example:

        cart = memory_collection(Order, order, Line(order_id=order.id, number=1))
        assert await total(order.id, cart=cart) == 1
    """
    model = model_of(_home(entity))
    unit = UnitOfWork(model, Ports(MemoryStore(), clock or fixed_clock()), Scope(TENANT))
    for row in rows:
        dependency = DependencyModel("rows", Capability.STORE, type(row).__name__)
        _finish(PartitionRows(unit, model.entity(type(row).__name__), dependency, ()).put(row))
    _finish(unit.commit())
    together = [each for each in model.entities if entity.__name__ in (each.name, each.beside)]
    return CollectedRows(unit, together)


def memory_once(clock: Clock | None = None) -> Once:
    """A `Once` for one message, with nothing recorded yet."""
    return OnceEffects(Ports(MemoryStore(), clock or fixed_clock()), TENANT, "test")


class _Table:
    """What the views of one `memory` share: a store, and the transaction that is open on it."""

    def __init__(self, service: ServiceModel, entity: str, clock: Clock) -> None:
        self.service, self.entity = service, service.entity(entity)
        self.ports = Ports(MemoryStore(), clock)
        self.unit = UnitOfWork(service, self.ports, Scope(TENANT))
        self.staged: list[Outgoing] = []
        self.committed: list[Outgoing] = []
        own = (*service.messages, *service.foreign_messages)
        self.dependency = DependencyModel(
            "mine",
            Capability.OWNED,
            entity,
            emits=tuple(each.name for each in service.events),
            sends=tuple(each.address for each in own),
        )
        self._keys: dict[RowKey, None] = {}

    def note(self, entity: Entity, emit: Outgoing | Sequence[Outgoing] | None) -> None:
        """Remember a write, and what was said with it."""
        values = {field.name: getattr(entity, field.name) for field in self.entity.fields}
        self._keys[row_key(self.entity, TENANT, values)] = None
        if emit is not None:
            self.staged += emit if isinstance(emit, Sequence) else [emit]

    async def commit(self) -> None:
        """Commit the transaction that is open, and open another."""
        unit, self.unit = self.unit, UnitOfWork(self.service, self.ports, Scope(TENANT))
        said, self.staged = self.staged, []
        await unit.commit()
        self.committed += said

    async def store_now(self, entity: Entity) -> None:
        """Store a row by itself."""
        await PartitionRows(self.unit, self.entity, self.dependency, ()).put(entity)
        self.note(entity, None)
        await self.commit()

    def stored(self) -> list[Any]:
        """The rows as entities that a test would make: a version, which equality sees, is not in them."""
        found, now = _finish(self.ports.store.get(list(self._keys))), self.ports.clock.now()
        return [
            self.entity.type.model_validate(dict(row.attributes))
            for row in found
            if row and not row.is_over(now)
        ]


def _finish(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine comes to that waits for nothing: a memory adapter only lets others go first."""
    while True:
        try:
            work.send(None)
        except StopIteration as done:
            result: T = done.value
            return result


def _home(entity: type[Entity]) -> ModuleType:
    """The module that defines the entity's service: its own, or the `service.py` beside it."""
    package = entity.__module__.rpartition(".")[0]
    for name in (entity.__module__, f"{package}.service"):
        module = sys.modules.get(name)
        if module and any(isinstance(value, Service) for value in vars(module).values()):
            return module
    raise TypeError(
        f"{entity.__name__} belongs to no service: neither {entity.__module__} nor a service.py beside it, "
        "which this test would import, defines one"
    )
