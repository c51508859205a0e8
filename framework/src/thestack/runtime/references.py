"""`_entities`: what the router refers to, by any of its keys; each answer has its own null or error."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from pydantic import ValidationError

from thestack.contract import federation
from thestack.definition.indexes import Access
from thestack.definition.model import (
    Capability,
    ComputedFieldModel,
    DependencyModel,
    EntityModel,
    ForeignModel,
    InterfaceModel,
    ServiceModel,
)
from thestack.definition.pages import Page
from thestack.definition.problems import BadInput
from thestack.definition.shapes import camel
from thestack.runtime import unique
from thestack.runtime.access import may_read
from thestack.runtime.entities import living
from thestack.runtime.ports import Ports
from thestack.runtime.representations import Representation, Representations
from thestack.runtime.rows import ReadableRows, TenantRows
from thestack.runtime.scope import Scope
from thestack.runtime.unit_of_work import UnitOfWork

AT_ONCE = 25
"""How many rows are looked up by an index at the same time: each is a request of its own."""
Answers = list[Any]
"""For each representation a row, None, or the exception that is its error."""


class References:
    """Answers references to a service's entities and to those of others that it adds fields to.

    Rows are read in one batch for each type and key. A reference to an interface is one to whichever of its
    entities has the key.
    """

    def __init__(self, service: ServiceModel) -> None:
        self._service = service
        self._representations = Representations(service)
        self._entities = {each.name: each for each in service.entities}
        self._foreigns = {each.name: each for each in federation.extended(service)}
        self._interfaces = {each.name: each for each in service.interfaces if each.refs}
        self._views = {each.name: each for each in service.foreigns if each.view_of}

    async def load(self, ports: Ports, scope: Scope, representations: Sequence[Representation]) -> Answers:
        """The answer to each representation, in their order."""
        rows = _Rows(self._service, self._representations, ports, scope)
        by_type: dict[str, list[int]] = {}
        for number, representation in enumerate(representations):
            by_type.setdefault(str(representation.get("__typename")), []).append(number)
        answers: Answers = [None] * len(representations)

        async def fill(name: str, numbers: Sequence[int]) -> None:
            given = [representations[number] for number in numbers]
            for number, answer in zip(numbers, await self._of(name, given, rows), strict=True):
                answers[number] = answer

        await asyncio.gather(*(fill(name, numbers) for name, numbers in by_type.items()))
        return answers

    def required(self, computed: ComputedFieldModel, parent: Any) -> dict[str, Any]:
        """What a computed field asks of its parent's other subgraphs, by the names of its parameters."""
        return {
            each.name: self._representations.value(
                each.requires, parent._representation.get(camel(each.name)), each.name
            )
            for each in computed.handler.dependencies
            if each.capability is Capability.REQUIRES and each.requires
        }

    def viewed(self, computed: ComputedFieldModel, parent: Any) -> Any:
        """The parent as the field's handler takes it: itself, or the view of it that the router told."""
        view = self._views.get(computed.view or "")
        if view is None or isinstance(parent, view.type):
            return parent
        return self._representations.shape(parent._representation, view)

    async def _of(self, name: str, given: Sequence[Representation], rows: "_Rows") -> Answers:
        if foreign := self._foreigns.get(name):
            return [self._reference(foreign, each) for each in given]
        if interface := self._interfaces.get(name):
            return await self._behind(interface, given, rows)
        if entity := self._entities.get(name):
            return await rows.load(entity, entity.refs, given)
        return [BadInput(f"`{name}` is no entity of the subgraph {self._service.name}.") for _ in given]

    def _reference(self, foreign: ForeignModel, representation: Representation) -> Any:
        try:
            referred = self._representations.shape(representation, foreign)
        except BadInput as wrong:
            return wrong
        referred._representation = representation
        return referred

    async def _behind(
        self, interface: InterfaceModel, given: Sequence[Representation], rows: "_Rows"
    ) -> Answers:
        entities = [each for each in self._service.entities if interface.name in each.interfaces]
        found = await asyncio.gather(*(rows.load(each, interface.refs, given) for each in entities))
        return [_first(each) for each in zip(*found, strict=True)]


class _Rows:
    """The rows that one request refers to."""

    def __init__(
        self, service: ServiceModel, representations: Representations, ports: Ports, scope: Scope
    ) -> None:
        self._unit = UnitOfWork(service, ports, scope)
        self._representations, self._scope = representations, scope

    async def load(
        self, entity: EntityModel, refs: Sequence[tuple[str, ...]], given: Sequence[Representation]
    ) -> Answers:
        """The row, null or error of each representation, by the first of the keys that it has."""
        answers: Answers = [None] * len(given)
        wanted: dict[tuple[str, ...], dict[int, tuple[Any, ...]]] = {}
        for number, representation in enumerate(given):
            ref = next((each for each in refs if self._representations.has(representation, each)), None)
            if ref is None:
                answers[number] = _keyless(entity, refs)
                continue
            try:
                values = self._representations.values(representation, entity.type, ref)
            except BadInput as wrong:
                answers[number] = wrong
                continue
            wanted.setdefault(ref, {})[number] = tuple(values)
        for ref, by_number in wanted.items():
            distinct = list(dict.fromkeys(by_number.values()))
            found = dict(zip(distinct, await self._by(entity, ref, distinct), strict=True))
            for number, key in by_number.items():
                answers[number] = found[key]
        return answers

    async def _by(
        self, entity: EntityModel, ref: tuple[str, ...], wanted: Sequence[tuple[Any, ...]]
    ) -> Answers:
        named = [dict(zip(ref, values, strict=True)) for values in wanted]
        if set(ref) == set(entity.key):
            keys = [[each[name] for name in entity.key] for each in named]
            return await _isolated(ReadableRows(self._unit, entity).load, keys)
        if constraint := entity.by_unique(ref):
            values = [[each[name] for name in constraint] for each in named]
            return await _isolated(partial(self._by_unique, entity, constraint), values)
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(values: Mapping[str, Any]) -> Any:
            async with turns:
                return await self._by_index(entity, ref, values)

        return await asyncio.gather(*(one(each) for each in named), return_exceptions=True)

    async def _by_unique(
        self, entity: EntityModel, fields: tuple[str, ...], wanted: Sequence[Sequence[Any]]
    ) -> Answers:
        """The rows that hold these values: one batch read of their markers, and one of themselves."""
        tenant, store = self._scope.tenant, self._unit.ports.store
        places = [unique.marker_key(entity, tenant, fields, each) for each in wanted]
        markers = {each.key: each for each in await store.get(places) if each is not None}
        held = {place: unique.held_by(marker) for place, marker in markers.items()}
        keys = list(dict.fromkeys(held.values()))
        rows = dict(zip(keys, await store.get(keys), strict=True)) if keys else {}
        now = self._unit.ports.clock.now()
        found: Answers = []
        for place in places:
            row = living(entity, tenant, rows.get(held[place]), now) if place in held else None
            # Between the two reads the row may have let go of the values.
            holds = row is not None and place in row._held
            found.append(row if holds and may_read(entity, row, self._scope) else None)
        return found

    async def _by_index(self, entity: EntityModel, ref: tuple[str, ...], values: Mapping[str, Any]) -> Any:
        """The first row that has these values; null where the caller may not read it."""
        store = TenantRows(self._unit, entity, DependencyModel("rows", Capability.STORE, entity.name))
        index = entity.by_index(ref)
        if index is None:
            found = await store.within(*(values[each] for each in entity.partition)).find(
                *(values[each] for each in entity.sort)
            )
        else:
            sort = values.get(index.sort or "")
            by: Access[Any, Any] = Access(entity.type, index.attribute, sort, sort)
            within = store.within(*(values[each] for each in index.partition))
            found = next(iter((await within.page(by, Page(first=1))).nodes), None)
        return found if found is not None and may_read(entity, found, self._scope) else None


async def _isolated(
    load: Callable[[Sequence[Sequence[Any]]], Awaitable[Answers]], wanted: Sequence[Sequence[Any]]
) -> Answers:
    """What is loaded in one batch; one row that this version can't read is no error of the others."""
    try:
        return await load(wanted)
    except ValidationError as unreadable:
        if len(wanted) == 1:
            return [unreadable]
    except Exception as failure:  # told to the client masked, as that of any resolver
        return [failure] * len(wanted)
    return [answer for each in wanted for answer in await _isolated(load, [each])]


def _first(answers: Iterable[Any]) -> Any:
    """The one row among the answers of several entities, else an error, else null."""
    known = [each for each in answers if each is not None]
    rows = (each for each in known if not isinstance(each, Exception))
    return next(rows, known[0] if known else None)


def _keyless(entity: EntityModel, refs: Sequence[tuple[str, ...]]) -> BadInput:
    keys = " or ".join(f"`{federation.field_set(ref)}`" for ref in refs)
    return BadInput(f"A representation of {entity.name} needs {keys}.")
