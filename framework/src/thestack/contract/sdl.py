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

from thestack.contract import federation
from thestack.contract.links import Directives
from thestack.definition.directives import external, shareable
from thestack.definition.model import (
    ArgumentModel,
    ComputedFieldModel,
    EntityModel,
    FieldModel,
    ForeignModel,
    InterfaceModel,
    Kind,
    OperationModel,
    ServiceModel,
    SubscriptionModel,
    TypeRef,
    ValueModel,
)
from thestack.definition.scalars import Unset
from thestack.definition.shapes import Shape, camel

PROBLEM = "Problem"
"""The interface of the members of result unions."""


def executable(model: ServiceModel) -> str:
    """SDL of the schema that the subgraph executes, `_service` and `_entities` included."""
    named = [*(each.name for each in model.entities), *(each.name for each in federation.extended(model))]
    entities = " | ".join(sorted(named))
    machinery = ["scalar _Any", "type _Service { sdl: String! }"]
    fields = ["_service: _Service!"]
    if entities:
        machinery.append(f"union _Entity = {entities}")
        fields.append("_entities(representations: [_Any!]!): [_Entity]!")
    return "\n\n".join([*_types(model, Directives(federated=False), fields), *machinery]) + "\n"


def subgraph(model: ServiceModel) -> str:
    """SDL of the subgraph as other subgraphs and the router see it."""
    uses = Directives(federated=True)
    types = list(_types(model, uses, []))
    return "\n\n".join([uses.header, *types]) + "\n"


def _types(model: ServiceModel, uses: Directives, root: Sequence[str]) -> Iterable[str]:
    for kind, name in (("query", "Query"), ("mutation", "Mutation")):
        fields = [_operation(each, model, uses) for each in model.operations if each.kind == kind]
        fields += root if name == "Query" else []
        if fields:
            yield _block(f"type {name}", fields)
    if model.subscriptions:
        yield _block("type Subscription", [_operation(each, model, uses) for each in model.subscriptions])
    for interface in model.interfaces:
        marks = uses(*federation.keys(interface, resolvable=True), *interface.directives)
        fields = [*_fields(interface.fields, model, uses), *_computed(model, interface, uses)]
        yield _described(_block(f"interface {interface.name}{marks}", fields), interface.description)
    for entity in model.entities:
        marks = uses(*federation.keys(entity, resolvable=True), *entity.directives)
        fields = [*_fields(entity.fields, model, uses), *_computed(model, entity, uses)]
        head = f"type {entity.name}{_implements(entity.interfaces)}{marks}"
        yield _described(_block(head, fields), entity.description)
    yield from _foreigns(model, uses)
    for value in model.values:
        fields = [*_fields(value.fields, model, uses), *_computed(model, value, uses)]
        head = f"type {value.name}{_implements(value.interfaces)}{uses(*value.directives)}"
        yield _described(_block(head, fields), value.description)
    yield from _unions(model, uses)
    for name in sorted(_connections(model)):
        yield from _connection(name, uses)
    if _connections(model):
        info = [
            "hasNextPage: Boolean!",
            "hasPreviousPage: Boolean!",
            "startCursor: String",
            "endCursor: String",
        ]
        yield _block(f"type PageInfo{uses(shareable)}", info)
    for each in model.inputs:
        fields = [_input_field(field, uses) for field in each.fields]
        yield _described(_block(f"input {each.name}{uses(*each.directives)}", fields), each.description)
    for enum in model.enums:
        yield _described(_block(f"enum {enum.name}", list(enum.values)), enum.description)
    own = {each.name: each for each in model.scalars}
    for name in sorted(scalars(model) - {"ID", "String", "Int", "Float", "Boolean"}):
        url = f" @specifiedBy(url: {json.dumps(own[name].specified_by)})" if _is_specified(own, name) else ""
        yield _described(f"scalar {name}{url}", own[name].description if name in own else "")


def _foreigns(model: ServiceModel, uses: Directives) -> Iterable[str]:
    """The entities of others, with the fields that are added to them."""
    extended = {each.name for each in federation.extended(model)}
    for foreign in model.referred:
        marks = federation.keys(foreign, resolvable=foreign.name in extended)
        if foreign.interface_object:
            marks.append(federation.INTERFACE_OBJECT)
        fields = [
            *_fields(federation.fields_of(model, foreign), model, uses),
            *_computed(model, foreign, uses),
        ]
        yield _block(f"type {foreign.name}{uses(*marks, *foreign.directives)}", fields)


def _unions(model: ServiceModel, uses: Directives) -> Iterable[str]:
    """Unions, and the problems that are members of some."""
    for union in model.unions:
        yield f"union {union.name} = {' | '.join(union.members)}"
    told = ["code: String!", "message: String!"]
    if model.problems:
        yield _block(f"interface {PROBLEM}", told)
    for problem in model.problems:
        marks = uses(shareable) if problem.shared else ""
        yield _described(
            _block(f"type {problem.name} implements {PROBLEM}{marks}", told), problem.description
        )


def _implements(interfaces: Sequence[str]) -> str:
    return f" implements {' & '.join(interfaces)}" if interfaces else ""


def _is_specified(own: Any, name: str) -> bool:
    return name in own and bool(own[name].specified_by)


def scalars(model: ServiceModel) -> set[str]:
    """The names of the scalars in use."""
    return {ref.named.name for ref in _refs(model) if ref.named.kind is Kind.SCALAR}


def _refs(model: ServiceModel) -> Iterable[TypeRef]:
    for shape in (*model.objects, *model.interfaces, *model.inputs):
        yield from (field.type for field in shape.fields)
    for foreign in model.referred:
        yield from (field.type for field in federation.fields_of(model, foreign))
    for part in (*model.answered, *model.subscriptions):
        yield part.returns
        yield from (argument.type for argument in part.handler.arguments)


def _connections(model: ServiceModel) -> set[str]:
    refs = (part.returns for part in model.answered)
    return {ref.named.name.removesuffix("Connection") for ref in refs if ref.named.kind is Kind.CONNECTION}


def _connection(node: str, uses: Directives) -> Iterable[str]:
    # Shareable, because the owner of an entity and those who refer to it may list it alike.
    fields = [f"edges: [{node}Edge!]!", f"nodes: [{node}!]!", "pageInfo: PageInfo!"]
    yield _block(f"type {node}Connection{uses(shareable)}", fields)
    yield _block(f"type {node}Edge{uses(shareable)}", ["cursor: String!", f"node: {node}!"])


def _operation(
    part: OperationModel | ComputedFieldModel | SubscriptionModel, model: ServiceModel, uses: Directives
) -> str:
    arguments = [_argument(each, uses) for each in part.handler.arguments]
    if part.handler.page:
        arguments += [f"first: Int = {model.page_default}", "after: String"]
    taken = f"({', '.join(arguments)})" if arguments else ""
    returns = part.returns
    foreigns = {each.name for each in model.foreigns}
    if not isinstance(part, ComputedFieldModel) or part.allow or part.parent in foreigns:
        # Nullable, so that one field or subgraph that fails or refuses does not erase its siblings' answers.
        returns = replace(returns, nullable=True)
    implied = federation.required(model, part) if isinstance(part, ComputedFieldModel) else []
    implied += federation.provided(model, part.returns)
    text = f"{part.graphql}{taken}: {returns}{uses(*implied, *part.directives)}"
    return _described(text, part.handler.description)


def _computed(
    model: ServiceModel, shape: EntityModel | ForeignModel | InterfaceModel | ValueModel, uses: Directives
) -> list[str]:
    return [_operation(each, model, uses) for each in model.computed_of(shape)]


def _argument(argument: ArgumentModel, uses: Directives) -> str:
    described = f"{json.dumps(argument.description, ensure_ascii=False)} " if argument.description else ""
    typed = f"{argument.graphql}: {argument.type}{_default(argument.default)}"
    return f"{described}{typed}{uses(*argument.directives)}"


def _fields(fields: Iterable[FieldModel], model: ServiceModel, uses: Directives) -> list[str]:
    return [_described(_field(each, model, uses), each.description) for each in fields]


def _field(field: FieldModel, model: ServiceModel, uses: Directives) -> str:
    # What some may not read is null to them.
    ref = replace(field.type, nullable=True) if field.allow else field.type
    implied = [external] if field.external else federation.provided(model, field.type)
    return f"{field.graphql}: {ref}{uses(*implied, *field.directives)}"


def _input_field(field: FieldModel, uses: Directives) -> str:
    text = f"{field.graphql}: {field.type}{_default(field.default)}{uses(*field.directives)}"
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


def _block(head: str, lines: list[str]) -> str:
    body = "\n".join(f"  {line}" for each in lines for line in each.split("\n"))
    return f"{head} {{\n{body}\n}}"


def _described(text: str, description: str) -> str:
    if not description:
        return text
    lines = "\n".join(description.replace('"""', '\\"""').splitlines())
    return f'"""\n{lines}\n"""\n{text}'
