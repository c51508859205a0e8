"""The subgraph's SDL, from the ServiceModel.

Two texts: `executable` for the schema that answers, with federation's machinery as plain types; `subgraph`
for composition
and `_service`, with federation's directives. Both are pure functions of the model.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from enum import Enum
from typing import Any

from thestack.definition.model import (
    ArgumentModel,
    ComputedFieldModel,
    EntityModel,
    FieldModel,
    ForeignModel,
    Kind,
    OperationModel,
    ServiceModel,
    TypeRef,
)
from thestack.definition.scalars import Unset

FEDERATION = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@shareable"])'
)


def executable(model: ServiceModel) -> str:
    """SDL of the schema that the subgraph executes, `_service` and `_entities` included."""
    entities = " | ".join(
        sorted([each.name for each in model.entities] + [each.name for each in extended(model)])
    )
    machinery = ["scalar _Any", "type _Service { sdl: String! }"]
    fields = ["_service: _Service!"]
    if entities:
        machinery.append(f"union _Entity = {entities}")
        fields.append("_entities(representations: [_Any!]!): [_Entity]!")
    return "\n\n".join([*_types(model, federated=False, root=fields), *machinery]) + "\n"


def subgraph(model: ServiceModel) -> str:
    """SDL of the subgraph as other subgraphs and the router see it."""
    return "\n\n".join([FEDERATION, *_types(model, federated=True, root=[])]) + "\n"


def extended(model: ServiceModel) -> list[ForeignModel]:
    """The foreign entities that this service adds fields to; the others it only refers to."""
    parents = {field.parent for field in model.computed}
    return [foreign for foreign in model.foreigns if foreign.name in parents]


def _types(model: ServiceModel, *, federated: bool, root: list[str]) -> Iterable[str]:
    for kind, name in (("query", "Query"), ("mutation", "Mutation")):
        operations = [_operation(each, model) for each in model.operations if each.kind == kind]
        fields = operations + (root if name == "Query" else [])
        if fields:
            yield _block(f"type {name}", fields)
    for entity in model.entities:
        keys = "".join(f' @key(fields: "{" ".join(_graphql(entity, ref))}")' for ref in entity.refs)
        stored = [_described(_field(each), each.description) for each in entity.fields]
        yield _described(
            _block(f"type {entity.name}{keys if federated else ''}", stored + _computed(model, entity.name)),
            entity.description,
        )
    extends = {each.name for each in extended(model)}
    for foreign in model.foreigns:
        resolvable = "" if foreign.name in extends else ", resolvable: false"
        key = f' @key(fields: "{" ".join(_graphql(foreign, foreign.key))}"{resolvable})' if federated else ""
        yield _block(
            f"type {foreign.name}{key}",
            [_field(each) for each in foreign.fields] + _computed(model, foreign.name),
        )
    for name in sorted(_connections(model)):
        yield from _connection(name, federated)
    if _connections(model):
        shareable = " @shareable" if federated else ""
        info = [
            "hasNextPage: Boolean!",
            "hasPreviousPage: Boolean!",
            "startCursor: String",
            "endCursor: String",
        ]
        yield _block(f"type PageInfo{shareable}", info)
    for each in model.inputs:
        yield _described(
            _block(f"input {each.name}", [_input_field(field) for field in each.fields]), each.description
        )
    for enum in model.enums:
        yield _described(_block(f"enum {enum.name}", list(enum.values)), enum.description)
    for scalar in sorted(scalars(model) - {"ID", "String", "Int", "Float", "Boolean"}):
        yield f"scalar {scalar}"


def scalars(model: ServiceModel) -> set[str]:
    """The names of the scalars in use."""
    return {ref.named.name for ref in _refs(model) if ref.named.kind is Kind.SCALAR}


def _refs(model: ServiceModel) -> Iterable[TypeRef]:
    for shape in model.objects:
        yield from (field.type for field in shape.fields)
    for taken in model.inputs:
        yield from (field.type for field in taken.fields)
    for part in model.answered:
        yield part.returns
        yield from (argument.type for argument in part.handler.arguments)


def _connections(model: ServiceModel) -> set[str]:
    refs = (part.returns for part in model.answered)
    return {ref.named.name.removesuffix("Connection") for ref in refs if ref.named.kind is Kind.CONNECTION}


def _connection(node: str, federated: bool) -> Iterable[str]:
    yield _block(
        f"type {node}Connection", [f"edges: [{node}Edge!]!", f"nodes: [{node}!]!", "pageInfo: PageInfo!"]
    )
    yield _block(f"type {node}Edge", ["cursor: String!", f"node: {node}!"])


def _operation(operation: OperationModel | ComputedFieldModel, model: ServiceModel) -> str:
    arguments = [_argument(each) for each in operation.handler.arguments]
    if operation.handler.page:
        arguments += [f"first: Int = {model.page_default}", "after: String"]
    taken = f"({', '.join(arguments)})" if arguments else ""
    returns = operation.returns
    if isinstance(operation, OperationModel) or operation.parent in {each.name for each in model.foreigns}:
        # Nullable, so that one failing field or subgraph does not erase its siblings' answers.
        returns = replace(returns, nullable=True)
    return _described(f"{operation.graphql}{taken}: {returns}", operation.handler.description)


def _computed(model: ServiceModel, parent: str) -> list[str]:
    return [_operation(each, model) for each in model.computed if each.parent == parent]


def _argument(argument: ArgumentModel) -> str:
    return f"{argument.graphql}: {argument.type}{_default(argument.default)}"


def _field(field: FieldModel) -> str:
    return f"{field.graphql}: {field.type}"


def _input_field(field: FieldModel) -> str:
    return _described(f"{field.graphql}: {field.type}{_default(field.default)}", field.description)


def _default(value: Any) -> str:
    if value is ... or value is None or isinstance(value, Unset):
        return ""
    if isinstance(value, Enum):
        return f" = {value.name}"
    return f" = {json.dumps(value.isoformat() if isinstance(value, date) else value)}"


def _graphql(shape: EntityModel | ForeignModel, names: tuple[str, ...]) -> list[str]:
    by_name = {field.name: field.graphql for field in shape.fields}
    return [by_name[name] for name in names]


def _block(head: str, lines: list[str]) -> str:
    body = "\n".join(f"  {line}" for each in lines for line in each.split("\n"))
    return f"{head} {{\n{body}\n}}"


def _described(text: str, description: str) -> str:
    if not description:
        return text
    lines = "\n".join(description.replace('"""', '\\"""').splitlines())
    return f'"""\n{lines}\n"""\n{text}'
