"""Rows of an entity, as handlers see them:
the capabilities `Owned`, `Store`, `Rows` and `Reader`, over a unit of work.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from thestack.definition.capabilities import Part
from thestack.definition.conditions import Filter
from thestack.definition.indexes import Access
from thestack.definition.model import DependencyModel, EntityModel, MessageModel
from thestack.definition.pages import Connection, Page
from thestack.definition.problems import NotFound
from thestack.definition.scalars import Id
from thestack.definition.shapes import Entity
from thestack.ports import Query, Row, RowKey
from thestack.runtime import keys
from thestack.runtime.access import may_read
from thestack.runtime.entities import entity_of, living, row_of, stamp, tombstone_of
from thestack.runtime.listing import Listing
from thestack.runtime.unique import Holding, markers
from thestack.runtime.unit_of_work import Outgoing, Staged, UnitOfWork


class PartitionRows:
    """The rows of one partition: all of one owner, or those that share the key's leading fields."""

    def __init__(
        self, unit: UnitOfWork, entity: EntityModel, dependency: DependencyModel, partition: Sequence[Any]
    ) -> None:
        self._unit, self._entity, self._dependency = unit, entity, dependency
        self._partition = tuple(partition)

    async def get(self, *key: Part) -> Any:
        found = await self.find(*key)
        if found is None:
            raise NotFound(f"There is no {self._entity.name} with this id.")
        return found

    async def find(self, *key: Part) -> Any:
        (found,) = await self._find([key])
        return found

    async def find_all(self, keys: Sequence[Part | tuple[Part, ...]]) -> list[Any]:
        return await self._find([each if isinstance(each, tuple) else (each,) for each in keys])

    async def _find(self, wanted: Sequence[Sequence[Part]]) -> list[Any]:
        """The rows with these keys, as the handler has changed them."""
        places = [self._key(key) for key in wanted]
        unread = [place for place in places if self._unit.staged(place) is None]
        rows = dict(zip(unread, await self._unit.ports.store.get(unread), strict=True)) if unread else {}
        found: list[Any] = []
        for place in places:
            staged = self._unit.staged(place)
            found.append(staged.entity if staged else self._living(rows.get(place)))
        return found

    async def page(
        self,
        by: Access[Any, Any] | None = None,
        page: Page | None = None,
        *,
        where: Filter[Any] | None = None,
    ) -> Connection[Any]:
        return await self._listing.page(by, page, where)

    def each(self, by: Access[Any, Any]) -> AsyncIterator[Any]:
        return self._listing.each(by)

    async def put(self, entity: Any, *, emit: Outgoing | Sequence[Outgoing] | None = None) -> Any:
        unit, model = self._unit, self._entity
        stamp(model, entity, unit.ports.clock.now())
        row = self._row(entity)
        holding = Holding(entity._held or {}, markers(model, unit.scope.tenant, row, entity))
        unit.stage(Staged(entity, row, entity._version, holding), self._outgoing(emit))
        return entity

    async def delete(self, entity: Any, *, emit: Outgoing | Sequence[Outgoing] | None = None) -> None:
        if entity._version is None:
            raise NotFound(f"This {self._entity.name} was never stored.")
        tombstone = tombstone_of(self._entity, self._row(entity))
        staged = Staged(None, tombstone, entity._version, Holding(entity._held or {}))
        self._unit.stage(staged, self._outgoing(emit))

    async def restore(self, *key: Part, emit: Outgoing | Sequence[Outgoing] | None = None) -> Any:
        place = self._key(key)
        staged = self._unit.staged(place)
        row = staged.row if staged else (await self._unit.ports.store.get([place]))[0]
        if row is None or not row.gone or not row.attributes or self._is_expired(row):
            raise NotFound(f"No {self._entity.name} with this id was deleted.")
        return await self.put(entity_of(self._entity, self._unit.scope.tenant, row), emit=emit)

    async def add(self, delta: Any) -> None:
        stamp(self._entity, delta, self._unit.ports.clock.now())
        row, counters = self._row(delta), self._entity.counters
        rest = {name: value for name, value in row.attributes.items() if name not in counters}
        deltas = {name: int(getattr(delta, name)) for name in counters if getattr(delta, name)}
        self._unit.add(self._entity, replace(row, attributes=rest), deltas)

    def _key(self, given: Sequence[Part]) -> RowKey:
        """The key of the row that these values name, with those of the partition. Raises `TypeError`."""
        entity, partition = self._entity, self._partition
        named = (*entity.partition, *entity.key) if entity.owner else entity.key
        if not entity.sort and tuple(given) == partition:
            given = ()  # a row that is a partition of its own is named once, by either
        if len(partition) + len(given) != len(named):
            raise TypeError(keys.miscounted(f"a row of {entity.name}", named[len(partition) :], len(given)))
        values = dict(zip(named, (*partition, *given), strict=True))
        return keys.row_key(entity, self._unit.scope.tenant, values)

    def _living(self, row: Row | None) -> Any:
        return living(self._entity, self._unit.scope.tenant, row, self._unit.ports.clock.now())

    def _is_expired(self, row: Row) -> bool:
        return replace(row, gone=False).is_over(self._unit.ports.clock.now())

    def _row(self, entity: Entity) -> Row:
        model = self._entity
        if not isinstance(entity, model.type):
            raise TypeError(f"a {type(entity).__name__} was put where {model.name} belongs")
        own = [getattr(entity, name) for name in model.partition[: len(self._partition)]]
        if [str(each) for each in own] != [str(each) for each in self._partition]:
            raise NotFound(f"This {model.name} belongs elsewhere.")
        return row_of(model, self._unit.scope.tenant, entity)

    @property
    def _listing(self) -> Listing:
        return Listing(self._unit, self._entity, self._partition)

    def _outgoing(self, emit: Outgoing | Sequence[Outgoing] | None) -> tuple[Outgoing, ...]:
        if emit is None:
            return ()
        outgoing = tuple(emit) if isinstance(emit, Sequence) else (emit,)
        for each in outgoing:
            self._check_declared(each)
        return outgoing

    def _check_declared(self, outgoing: Outgoing) -> None:
        model = self._unit.service.outgoing(type(outgoing))
        name = model.address if isinstance(model, MessageModel) else model.name if model else ""
        if name not in (*self._dependency.emits, *self._dependency.sends):
            kind, entity = self._dependency.capability.title(), self._entity.name
            raise TypeError(
                f"`{type(outgoing).__name__}` is emitted by a handler that does not declare it: "
                f"write `{self._dependency.name}: {kind}[{entity}, {type(outgoing).__name__}]`"
            )


class TenantRows:
    """All rows of an entity in the tenant, to be narrowed."""

    def __init__(self, unit: UnitOfWork, entity: EntityModel, dependency: DependencyModel) -> None:
        self._parts = (unit, entity, dependency)

    def owned_by(self, owner: Id) -> PartitionRows:
        entity = self._parts[1]
        if not entity.owner:
            raise TypeError(f"{entity.name} has no owner; use `within(...)`")
        return PartitionRows(*self._parts, (owner,))

    def within(self, *partition: Any) -> PartitionRows:
        return PartitionRows(*self._parts, partition)


class ReadableRows:
    """The rows that the caller may read, by their key, whoever owns them:
    what `_entities` and generated `get`s answer from.
    """

    def __init__(self, unit: UnitOfWork, entity: EntityModel) -> None:
        self._unit, self._entity = unit, entity

    async def get(self, *key: Any) -> Any:
        (found,) = await self.load([key])
        if found is None:
            raise NotFound(f"There is no {self._entity.name} with this id.")
        return found

    async def load(self, wanted: Sequence[Sequence[Any]]) -> list[Any]:
        """One entity, or None, for each key:
        one batch read of the caller's own rows, then one query for each that is somebody else's.
        """
        scope, entity, store = self._unit.scope, self._entity, self._unit.ports.store
        values = [keys.named(entity, each) for each in wanted]
        rows: list[Row | None] = [None] * len(values)
        if not entity.owner:
            rows = await store.get([keys.row_key(entity, scope.tenant, each) for each in values])
        elif scope.caller:
            mine = {entity.owner: scope.caller.id}
            rows = await store.get([keys.row_key(entity, scope.tenant, {**mine, **each}) for each in values])
        now = self._unit.ports.clock.now()
        if entity.by_ref:
            for number, row in enumerate(rows):
                if row is None or row.is_over(now):
                    pk = keys.partition_key(scope.tenant, entity.by_ref.name, *wanted[number])
                    found = await store.query(Query(pk, entity.by_ref.name))
                    rows[number] = next((each for each in found if not each.is_over(now)), None)
        there = [living(entity, scope.tenant, row, now) for row in rows]
        return [each if each is not None and may_read(entity, each, scope) else None for each in there]
