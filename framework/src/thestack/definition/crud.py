"""The operations that `service.crud` generates: get, list, create, update and delete.

They are handlers as any other: what they may do, and what they are asked with, derives from their models.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum
from typing import Any

from thestack.definition.crud_inputs import CrudInputs
from thestack.definition.indexes import Access
from thestack.definition.model import (
    ArgumentModel,
    Capability,
    DependencyModel,
    EntityModel,
    HandlerModel,
    Kind,
    OperationModel,
    TypeRef,
)
from thestack.definition.rules import Denied
from thestack.definition.scalars import Id, new_id
from thestack.definition.service import CrudVerb, RecordedCrud

Function = Callable[..., Any]
_ENUM: Any = Enum


class Crud:
    """The operations on one entity. Rows are the caller's own where the entity has an owner, else those of
    the partition that the arguments name.
    """

    def __init__(self, recorded: RecordedCrud, entity: EntityModel, inputs: CrudInputs) -> None:
        self._recorded, self._entity, self._inputs = recorded, entity, inputs

    def operations(self, taken: Collection[tuple[str, str]]) -> Iterator[OperationModel]:
        """One for each verb that was asked for, but for those whose kind and name are `taken`."""
        makers: Mapping[CrudVerb, Callable[[str, str], OperationModel]] = {
            "get": self._get,
            "list": self._list,
            "create": self._create,
            "update": self._update,
            "delete": self._delete,
        }
        for verb in self.verbs(taken):
            yield makers[verb](*self._named(verb))

    def verbs(self, taken: Collection[tuple[str, str]]) -> list[CrudVerb]:
        """What is generated. Where a client has nothing to give, there is nothing to update."""
        wanted = [verb for verb in self._recorded.only if self._named(verb) not in taken]
        return [verb for verb in wanted if verb != "update" or self._inputs.changes]

    def _named(self, verb: CrudVerb) -> tuple[str, str]:
        """The kind and the name of an operation."""
        name = self._entity.name
        match verb:
            case "get":
                return "query", _lower(name)
            case "list":
                return "query", _plural(_lower(name))
            case _:
                return "mutation", f"{verb}{name}"

    def _get(self, kind: str, graphql: str) -> OperationModel:
        names = self._entity.key

        async def get(*, rows: Any, **key: Any) -> Any:
            return await rows.get(*(key[name] for name in names))

        rows = DependencyModel("rows", Capability.READER, self._entity.name)
        return self._operation(kind, graphql, get, self._key(), (rows,))

    def _list(self, kind: str, graphql: str) -> OperationModel:
        partition = () if self._entity.owner else self._entity.key[:-1]
        accesses = self._accesses()

        async def listed(*, rows: Any, page: Any, where: Any = None, order: Any = None, **key: Any) -> Any:
            narrowed = rows.within(*(key[name] for name in partition)) if self._shared else rows
            return await narrowed.page(accesses[order.name] if order else None, page, where=where)

        arguments = [self._argument(name) for name in partition]
        where = self._inputs.filter()
        if where is not None:
            arguments.append(_optional("where", where))
        if accesses:
            members, module = [(name, name) for name in accesses], self._entity.type.__module__
            order: type[Enum] = _ENUM(f"{self._entity.name}Order", members, module=module)
            arguments.append(_optional("order", order))
        returns = TypeRef(f"{self._entity.name}Connection", Kind.CONNECTION, python=self._entity.type)
        return self._operation(kind, graphql, listed, arguments, (self._rows,), returns, page="page")

    def _create(self, kind: str, graphql: str) -> OperationModel:
        entity, owner, inputs = self._entity, self._entity.owner, self._inputs

        async def create(input: Any = None, *, rows: Any, caller: Any = None) -> Any:
            values = inputs.values(input) if input else {}
            if owner:
                values[owner] = caller.id
            if inputs.makes_key:
                values[entity.key[0]] = new_id()
            made = entity.type(**values)
            narrowed = rows if owner else rows.within(*(values[name] for name in entity.key[:-1]))
            return await narrowed.put(made)

        caller = (DependencyModel("caller", Capability.CALLER),) if owner else ()
        shape = inputs.create()
        arguments = [_given("input", shape)] if shape else []
        return self._operation(kind, graphql, create, arguments, (self._rows, *caller))

    def _update(self, kind: str, graphql: str) -> OperationModel:
        inputs = self._inputs

        async def update(input: Any, *, rows: Any, **key: Any) -> Any:
            narrowed, found = await self._found(rows, key)
            for name, value in inputs.values(input).items():
                setattr(found, name, value)
            return await narrowed.put(found)

        arguments = [*self._key(), _given("input", inputs.update())]
        return self._operation(kind, graphql, update, arguments, (self._rows,))

    def _delete(self, kind: str, graphql: str) -> OperationModel:
        async def delete(*, rows: Any, **key: Any) -> Any:
            narrowed, found = await self._found(rows, key)
            await narrowed.delete(found)
            return found

        return self._operation(kind, graphql, delete, self._key(), (self._rows,))

    async def _found(self, rows: Any, key: Mapping[str, Any]) -> tuple[Any, Any]:
        """The rows that one is among, and that one."""
        values = [key[name] for name in self._entity.key]
        if not self._shared:
            return rows, await rows.get(*values)
        narrowed = rows.within(*values[:-1])
        return narrowed, await narrowed.get(values[-1])

    @property
    def _shared(self) -> bool:
        """Whether the rows belong to nobody, so that arguments must say which are meant."""
        return self._entity.owner is None

    @property
    def _rows(self) -> DependencyModel:
        return DependencyModel(
            "rows", Capability.STORE if self._shared else Capability.OWNED, self._entity.name
        )

    def _key(self) -> list[ArgumentModel]:
        return [self._argument(name) for name in self._entity.key]

    def _argument(self, name: str) -> ArgumentModel:
        field = next((each for each in self._entity.fields if each.name == name), None)
        ref = field.type if field else TypeRef("ID", Kind.SCALAR, python=Id)  # a mistake that is reported
        return ArgumentModel(name, field.graphql if field else name, ref, ..., ref.python, True)

    def _accesses(self) -> dict[str, Access[Any, Any]]:
        """The orders that a client may ask for: of the indexes that hold just these rows."""
        entity, found = self._entity, dict[str, Access[Any, Any]]()
        partition = (entity.owner,) if entity.owner else entity.key[:-1]
        hidden = {field.name for field in entity.fields if field.allow}
        for index in entity.indexes:
            # An order, and the cursors in it, would tell what a field holds that some may not read.
            if index.partition == partition and not index.sparse and index.sort not in hidden:
                name = index.attribute.removeprefix("by_").upper()
                access: Access[Any, Any] = getattr(entity.type, index.attribute)
                found |= {f"{name}_ASC": access, f"{name}_DESC": access.descending()}
        return found

    def _operation(
        self,
        kind: str,
        name: str,
        function: Function,
        arguments: list[ArgumentModel],
        dependencies: tuple[DependencyModel, ...],
        returns: TypeRef | None = None,
        page: str | None = None,
    ) -> OperationModel:
        handler = HandlerModel(name, function, tuple(arguments), dependencies, page, self._recorded.site)
        answered = returns or TypeRef(self._entity.name, Kind.ENTITY, python=self._entity.type)
        return OperationModel(kind, name, handler, answered, self._recorded.allow or Denied())


def _given(name: str, shape: type[Any]) -> ArgumentModel:
    return ArgumentModel(name, name, TypeRef(shape.__name__, Kind.INPUT, python=shape), ..., shape, True)


def _optional(name: str, shape: type[Any]) -> ArgumentModel:
    kind = Kind.ENUM if issubclass(shape, Enum) else Kind.INPUT
    ref = TypeRef(shape.__name__, kind, True, python=shape)
    return ArgumentModel(name, name, ref, None, shape | None, kind is Kind.INPUT)


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _plural(noun: str) -> str:
    """The usual English plural: todos, categories, boxes."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"
