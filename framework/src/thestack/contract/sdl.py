"""The subgraph's SDL, from the ServiceModel.

Two texts: `executable` for the schema that answers, with federation's machinery as plain types; `subgraph`
for composition
and `_service`, with federation's directives. Both are pure functions of the model.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from enum import Enum
from typing import Any

from thestack.definition.directives import Directive
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
from thestack.definition.shapes import Shape, camel

FEDERATION = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@shareable"])'
)
GRAPHQLS_OWN = frozenset({"deprecated", "specifiedBy", "oneOf"})
"""Directives that every GraphQL server knows; the others are federation's, and for composition alone."""
PROBLEM = "Problem"
"""The interface of the members of result unions."""


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
        operations = [_operation(each, model, federated) for each in model.operations if each.kind == kind]
        fields = operations + (root if name == "Query" else [])
        if fields:
            yield _block(f"type {name}", fields)
    for interface in model.interfaces:
        head = f"interface {interface.name}{_uses(interface.directives, federated)}"
        yield _described(_block(head, _fields(interface.fields, federated)), interface.description)
    for entity in model.entities:
        keys = "".join(f' @key(fields: "{" ".join(_graphql(entity, ref))}")' for ref in entity.refs)
        head = f"type {entity.name}{_implements(entity.interfaces)}{keys if federated else ''}"
        fields = [*_fields(entity.fields, federated), *_computed(model, entity.name, federated)]
        yield _described(_block(f"{head}{_uses(entity.directives, federated)}", fields), entity.description)
    extends = {each.name for each in extended(model)}
    for foreign in model.referred:
        resolvable = "" if foreign.name in extends else ", resolvable: false"
        key = f' @key(fields: "{" ".join(_graphql(foreign, foreign.key))}"{resolvable})' if federated else ""
        yield _block(
            f"type {foreign.name}{key}{_uses(foreign.directives, federated)}",
            [*_fields(foreign.fields, federated), *_computed(model, foreign.name, federated)],
        )
    for value in model.values:
        head = f"type {value.name}{_implements(value.interfaces)}{_uses(value.directives, federated)}"
        fields = [*_fields(value.fields, federated), *_computed(model, value.name, federated)]
        yield _described(_block(head, fields), value.description)
    yield from _unions(model, federated)
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
        head = f"input {each.name}{_uses(each.directives, federated)}"
        yield _described(
            _block(head, [_input_field(field, federated) for field in each.fields]), each.description
        )
    for enum in model.enums:
        yield _described(_block(f"enum {enum.name}", list(enum.values)), enum.description)
    own = {each.name: each for each in model.scalars}
    for name in sorted(scalars(model) - {"ID", "String", "Int", "Float", "Boolean"}):
        url = f" @specifiedBy(url: {json.dumps(own[name].specified_by)})" if _is_specified(own, name) else ""
        yield _described(f"scalar {name}{url}", own[name].description if name in own else "")


def _unions(model: ServiceModel, federated: bool) -> Iterable[str]:
    """Unions, and the problems that are members of some."""
    for union in model.unions:
        yield f"union {union.name} = {' | '.join(union.members)}"
    told = ["code: String!", "message: String!"]
    if model.problems:
        yield _block(f"interface {PROBLEM}", told)
    for problem in model.problems:
        shared = " @shareable" if federated and problem.shared else ""
        yield _described(
            _block(f"type {problem.name} implements {PROBLEM}{shared}", told), problem.description
        )


def _implements(interfaces: Sequence[str]) -> str:
    return f" implements {' & '.join(interfaces)}" if interfaces else ""


def _uses(directives: Sequence[Directive], federated: bool) -> str:
    """The directives as they stand behind what they are on."""
    return "".join(f" {each}" for each in directives if federated or each.name in GRAPHQLS_OWN)


def _is_specified(own: Any, name: str) -> bool:
    return name in own and bool(own[name].specified_by)


def scalars(model: ServiceModel) -> set[str]:
    """The names of the scalars in use."""
    return {ref.named.name for ref in _refs(model) if ref.named.kind is Kind.SCALAR}


def _refs(model: ServiceModel) -> Iterable[TypeRef]:
    for shape in (*model.objects, *model.interfaces, *model.inputs):
        yield from (field.type for field in shape.fields)
    for part in (*model.answered, *model.subscriptions):
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


def _operation(operation: OperationModel | ComputedFieldModel, model: ServiceModel, federated: bool) -> str:
    arguments = [_argument(each, federated) for each in operation.handler.arguments]
    if operation.handler.page:
        arguments += [f"first: Int = {model.page_default}", "after: String"]
    taken = f"({', '.join(arguments)})" if arguments else ""
    returns = operation.returns
    if isinstance(operation, OperationModel) or operation.parent in {each.name for each in model.foreigns}:
        # Nullable, so that one failing field or subgraph does not erase its siblings' answers.
        returns = replace(returns, nullable=True)
    text = f"{operation.graphql}{taken}: {returns}{_uses(operation.directives, federated)}"
    return _described(text, operation.handler.description)


def _computed(model: ServiceModel, parent: str, federated: bool) -> list[str]:
    return [_operation(each, model, federated) for each in model.computed if each.parent == parent]


def _argument(argument: ArgumentModel, federated: bool) -> str:
    uses = _uses(argument.directives, federated)
    described = f"{json.dumps(argument.description, ensure_ascii=False)} " if argument.description else ""
    return f"{described}{argument.graphql}: {argument.type}{_default(argument.default)}{uses}"


def _fields(fields: Iterable[FieldModel], federated: bool) -> list[str]:
    return [_described(_field(each, federated), each.description) for each in fields]


def _field(field: FieldModel, federated: bool) -> str:
    # What some may not read is null to them.
    ref = replace(field.type, nullable=True) if field.allow else field.type
    external = " @external" if field.external and federated else ""
    return f"{field.graphql}: {ref}{external}{_uses(field.directives, federated)}"


def _input_field(field: FieldModel, federated: bool) -> str:
    text = f"{field.graphql}: {field.type}{_default(field.default)}{_uses(field.directives, federated)}"
    return _described(text, field.description)


def _default(value: Any) -> str:
    return "" if value is ... or value is None or isinstance(value, Unset) else f" = {_literal(value)}"


def _literal(value: Any) -> str:
    """A default as SDL writes it."""
    match value:
        case Enum():
            return value.name
        case date():
            return json.dumps(value.isoformat())
        case Shape():
            fields: dict[str, Any] = vars(value)
            given = {camel(name): each for name, each in fields.items() if each is not None}
            return "{" + ", ".join(f"{name}: {_literal(each)}" for name, each in given.items()) + "}"
        case list() | tuple():
            return f"[{', '.join(_literal(each) for each in value)}]"
        case str() | int() | float() | bool():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return json.dumps(str(value), ensure_ascii=False)


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
