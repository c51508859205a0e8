"""That what is listed lies together: there is no scan."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from thestack.definition.bodies import calls_in
from thestack.definition.model import (
    Capability,
    EntityModel,
    HandlerModel,
    Kind,
    OperationModel,
    ServiceModel,
)
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest


def validate_lists_are_served(model: ServiceModel) -> Iterator[Diagnostic]:
    """A connection is over rows that some key or index keeps together."""
    for operation in model.operations:
        entity = _listed(model, operation)
        if entity is None or entity.owner or len(entity.key) > 1 or entity.all_indexes:
            continue
        if operation.handler.is_generated:  # S0803 says more of it
            continue
        message = f"no key or index of `{entity.name}` serves the list `{operation.graphql}`"
        help = "Give the entity an owner, a `Key` of several fields, or an `Index` that the list is within."
        yield Diagnostic("S0501", message, operation.handler.site, Part("returns"), help)


def validate_accesses(model: ServiceModel) -> Iterator[Diagnostic]:
    """Rows are read by an index of their own entity; one owner's rows by one that begins with the owner."""
    entities = {entity.name: entity for entity in model.entities}
    for handler in model.handlers:
        taken = {each.name: each for each in handler.dependencies}
        for access in accesses(handler):
            entity, rows = entities.get(access.entity), taken.get(access.rows)
            if entity is None:
                continue
            part = Part("body", f"{access.entity}.{access.index}")
            index = next((each for each in entity.indexes if each.attribute == access.index), None)
            owned = access.narrowed == "owned_by" or (rows and rows.capability is Capability.OWNED)
            if index is None:
                message = f"`{entity.name}` has no index `{access.index}`"
                help = nearest(access.index, [each.attribute for each in entity.indexes])
            elif rows and rows.entity != entity.name:
                message = f"`{access.rows}` is rows of `{rows.entity}`, and `{index.name}` an index of others"
                help = f"Read them by an index of `{rows.entity}`."
            elif owned and entity.owner and index.partition[:1] != (entity.owner,):
                message = f"`{index.name}` is not kept by `{entity.owner}`: it can't serve one owner's rows"
                help = f'Begin it with the owner: `Index("{entity.owner}", ...)`.'
            else:
                continue
            yield Diagnostic("S0502", message, handler.site, part, help)


def validate_restores(model: ServiceModel) -> Iterator[Diagnostic]:
    """What is restored was kept when it was deleted."""
    entities = {entity.name: entity for entity in model.entities}
    told: set[str] = set()
    for handler in model.handlers:
        taken = {each.name: each.entity for each in handler.dependencies}
        for node in calls_in(handler.function):
            match node:
                case ast.Call(func=ast.Attribute(value=receiver, attr="restore")):
                    entity = entities.get(taken.get(receiver_of(receiver)[0]) or "")
                case _:
                    continue
            if entity and not entity.soft_delete and entity.name not in told:
                told.add(entity.name)
                message = f"`{handler.name}` restores a `{entity.name}`, and a deleted one is not kept"
                yield Diagnostic("S0214", message, entity.site, Part(), "Add `soft_delete=True`.")


@dataclass(frozen=True, slots=True)
class Read:
    """`rows.page(Entity.index)` in a handler's text, or `rows.narrowed(...).page(...)`."""

    rows: str
    narrowed: str
    entity: str
    index: str


def _listed(model: ServiceModel, operation: OperationModel) -> EntityModel | None:
    """The entity that a connection lists."""
    if operation.returns.kind is not Kind.CONNECTION:
        return None
    name = operation.returns.name.removesuffix("Connection")
    return next((entity for entity in model.entities if entity.name == name), None)


def accesses(handler: HandlerModel) -> Iterator[Read]:
    """Each list that a handler's own text reads by an index."""
    for node in calls_in(handler.function):
        match node:
            case ast.Call(func=ast.Attribute(value=receiver, attr="page" | "each"), args=args):
                given = [*args[:1], *(each.value for each in node.keywords if each.arg == "by")]
            case _:
                continue
        rows, narrowed = receiver_of(receiver)
        if not rows:
            continue
        for access in given:
            match _of_range(access):
                case ast.Attribute(value=ast.Name(id=entity), attr=index):
                    yield Read(rows, narrowed, entity, index)


def _of_range(access: ast.expr) -> ast.expr:
    """`Todo.by_created`, of `Todo.by_created.between(a, b).descending()`."""
    while isinstance(access, ast.Call) and isinstance(access.func, ast.Attribute):
        access = access.func.value
    return access


def receiver_of(receiver: ast.expr) -> tuple[str, str]:
    """`rows`, and what narrows it, of `rows` or `rows.narrowed(...)`; nothing of anything else."""
    match receiver:
        case ast.Name(id=rows):
            return rows, ""
        case ast.Call(func=ast.Attribute(value=ast.Name(id=rows), attr=narrowed)):
            return rows, narrowed
    return "", ""
