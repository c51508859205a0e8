"""The resolvers of a subgraph, bound to its SDL by Ariadne."""

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ariadne import (
    EnumType,
    InterfaceType,
    MutationType,
    ObjectType,
    QueryType,
    ScalarType,
    UnionType,
    make_executable_schema,
)
from graphql import GraphQLResolveInfo, GraphQLSchema

from thestack.contract import federation, sdl
from thestack.definition.model import (
    ComputedFieldModel,
    EntityModel,
    FieldModel,
    ForeignModel,
    Kind,
    OperationModel,
    ServiceModel,
    SubscriptionModel,
    TypeRef,
    ValueModel,
)
from thestack.definition.pages import Connection
from thestack.definition.problems import NotFound, Problem
from thestack.definition.shapes import Entity, Value
from thestack.runtime.access import allows, may_read, owner_of, require
from thestack.runtime.arguments import Arguments
from thestack.runtime.batch import Batch
from thestack.runtime.invoke import call, read, transact
from thestack.runtime.ports import Ports
from thestack.runtime.references import References
from thestack.runtime.representations import Representation
from thestack.runtime.scalars import CODECS, codec_of
from thestack.runtime.scope import Scope
from thestack.runtime.unit_of_work import UnitOfWork


@dataclass(slots=True)
class Request:
    """One GraphQL request: graphql-core's context value.

    `batches` lives and dies with it, so that nothing crosses between callers.
    """

    ports: Ports
    scope: Scope
    batches: dict[tuple[str, str, str], Batch] = field(default_factory=dict[tuple[str, str, str], Batch])


Resolver = Callable[..., Awaitable[Any]]
HOLDS_ENTITIES = (Kind.ENTITY, Kind.CONNECTION, Kind.UNION, Kind.INTERFACE, Kind.VALUE)


def schema(service: ServiceModel) -> GraphQLSchema:
    """The executable schema of a service."""
    query, mutation = QueryType(), MutationType()
    roots = {"query": query, "mutation": mutation}
    bindables: list[Any] = [query]
    for operation in service.operations:
        roots[operation.kind].set_field(operation.graphql, _operation(service, operation))
    if any(operation.kind == "mutation" for operation in service.operations):
        bindables.append(mutation)
    if service.subscriptions:
        subscription = ObjectType("Subscription")
        for part in service.subscriptions:
            subscription.set_field(part.graphql, _subscription(service, part))
        bindables.append(subscription)
    named = Types(service)
    objects = {each.name: ObjectType(each.name) for each in service.objects}
    references = References(service)
    for shape in service.objects:
        fields = federation.fields_of(service, shape) if isinstance(shape, ForeignModel) else shape.fields
        for each in fields:
            objects[shape.name].set_field(each.graphql, _field(shape, each))
        for computed in service.computed_of(shape):
            objects[shape.name].set_field(computed.graphql, _computed(service, computed, references))
    if service.entities or federation.extended(service):
        query.set_field("_entities", _entities(references))
        bindables.append(UnionType("_Entity", named))
    bindables += [UnionType(union.name, named) for union in service.unions]
    bindables += [InterfaceType(interface.name, named) for interface in service.interfaces]
    if service.problems:
        bindables.append(InterfaceType(sdl.PROBLEM, named))
    for problem in service.problems:
        told = objects[problem.name] = ObjectType(problem.name)
        told.set_field("code", lambda value, _: value.problem.code)
        told.set_field("message", lambda value, _: str(value.problem))
    subgraph = sdl.subgraph(service)
    query.set_field("_service", lambda *_: {"sdl": subgraph})
    connections = [each for each in service.answered if each.returns.kind is Kind.CONNECTION]
    if connections:
        bindables.append(_page_info())
    for name in {each.returns.name for each in connections}:
        connection = ObjectType(name)
        connection.set_field("pageInfo", lambda value, _: value)
        bindables.append(connection)
    bindables += [EnumType(enum.name, enum.type) for enum in service.enums]
    own = {each.name: codec_of(each) for each in service.scalars}
    for name in sdl.scalars(service) & {*CODECS, *own}:
        serialize, parse = own.get(name) or CODECS[name]
        bindables.append(ScalarType(name, serializer=serialize, value_parser=parse))
    return make_executable_schema(sdl.executable(service), *bindables, *objects.values())


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as data: graphql-core takes an exception that is answered for an error."""

    problem: Problem


class Types:
    """Tells the GraphQL type of a value that stands where an interface or a union is answered."""

    def __init__(self, service: ServiceModel) -> None:
        self._names: dict[type[Any], str] = {each.type: each.name for each in service.objects}
        self._names |= {each.type: each.view_of for each in service.foreigns if each.view_of}

    def __call__(self, value: Any, *_: Any) -> str:
        if isinstance(value, Told):
            return type(value.problem).__name__
        return self._names.get(type(value)) or type(value).__name__


def _page_info() -> ObjectType:
    info = ObjectType("PageInfo")
    info.set_field("hasNextPage", _attribute("has_next_page"))
    info.set_field("hasPreviousPage", _attribute("has_previous_page"))
    info.set_field("endCursor", _attribute("end_cursor"))
    info.set_field("startCursor", lambda value, _: value.edges[0].cursor if value.edges else None)
    return info


def _attribute(name: str) -> Callable[..., Any]:
    return lambda value, _info: getattr(value, name)


def _field(shape: EntityModel | ForeignModel | ValueModel, field: FieldModel) -> Callable[..., Any]:
    """A stored field; where not all who may read the row may read it, for those alone who may."""
    rule, name = field.allow, field.name
    if rule is None:
        return _attribute(name)
    entity = shape if isinstance(shape, EntityModel) else None

    def resolve(value: Any, info: GraphQLResolveInfo[Request]) -> Any:
        require(rule, info.context.scope, value, owner_of(entity, value))
        return getattr(value, name)

    return resolve


def _operation(service: ServiceModel, operation: OperationModel) -> Resolver:
    run = transact if operation.writes else read
    arguments, told = Arguments(service, operation.handler), _problems(service, operation.returns)

    async def resolve(_root: Any, info: GraphQLResolveInfo[Request], **given: Any) -> Any:
        request = info.context
        require(operation.allow, request.scope)
        taken = arguments.read(given)
        try:
            answer = await run(service, request.ports, request.scope, operation.handler, taken)
        except told as problem:
            return Told(problem)
        return guard(service, operation.returns, answer, request.scope)

    return resolve


@dataclass(slots=True)
class Telling:
    """What the root field of a subscription is handed: the event. `told` says whether there is something to
    tell.
    """

    event: Any
    told: bool = False


def _subscription(service: ServiceModel, part: SubscriptionModel) -> Resolver:
    """Tells one subscriber of an event, or nothing, where they may not subscribe or may not read it."""
    arguments, told = Arguments(service, part.handler), _problems(service, part.returns)

    async def resolve(telling: Telling, info: GraphQLResolveInfo[Request], **given: Any) -> Any:
        request = info.context
        if not allows(part.allow, request.scope):
            return None
        try:
            taken = arguments.read(given)
            heard = (telling.event,)
            answer = await read(service, request.ports, request.scope, part.handler, taken, heard)
            answer = guard(service, part.returns, answer, request.scope)
        except told as problem:
            answer = Told(problem)
        except NotFound:
            return None
        except Exception:
            telling.told = True
            raise
        telling.told = answer is not None
        return answer

    return resolve


def _problems(service: ServiceModel, ref: TypeRef) -> tuple[type[Problem], ...]:
    """The problems that a result union tells of as data, whether they are answered or raised."""
    members = next((each.types for each in service.unions if each.name == ref.named.name), ())
    return tuple(each for each in members if issubclass(each, Problem))


def _entities(references: References) -> Resolver:
    async def resolve(
        _root: Any, info: GraphQLResolveInfo[Request], representations: Sequence[Representation]
    ) -> list[Any]:
        return await references.load(info.context.ports, info.context.scope, representations)

    return resolve


def _computed(service: ServiceModel, computed: ComputedFieldModel, references: References) -> Resolver:
    arguments, told = Arguments(service, computed.handler), _problems(service, computed.returns)
    entity = next((each for each in service.entities if each.name == computed.parent), None)

    def run(request: Request, subject: Any, given: dict[str, Any]) -> Awaitable[Any]:
        unit = UnitOfWork(service, request.ports, request.scope)
        taken = arguments.read(given)
        if not computed.batch:
            taken |= references.required(computed, subject)
        return call(service, computed.handler, unit, (subject,), taken)

    async def resolve(parent: Any, info: GraphQLResolveInfo[Request], **given: Any) -> Any:
        request = info.context
        if computed.allow is not None:
            require(computed.allow, request.scope, parent, owner_of(entity, parent))
        parent = references.viewed(computed, parent)
        if computed.batch:
            key = (computed.parent, computed.graphql, json.dumps(given, sort_keys=True, default=str))
            batch = request.batches.get(key)
            if batch is None:
                batch = request.batches[key] = Batch(lambda parents: run(request, parents, given))
            return guard(service, computed.returns, await batch.load(parent), request.scope)
        try:
            answer = await run(request, parent, given)
        except told as problem:
            return Told(problem)
        return guard(service, computed.returns, answer, request.scope)

    return resolve


def guard(service: ServiceModel, ref: TypeRef, value: Any, scope: Scope) -> Any:
    """The value, if the caller may read every entity in it;
    else `NotFound`: one that may not be read is not there.
    """
    if value is None or ref.named.kind not in HOLDS_ENTITIES:
        return value
    for row in _rows(value):
        entity = next((each for each in service.entities if each.type is type(row)), None)
        if entity is not None and not may_read(entity, row, scope):
            raise NotFound(f"There is no {entity.name} with this id.")
    return _told(value) if ref.named.kind is Kind.UNION else value


def _told(value: Any) -> Any:
    """The answer with problems that a handler answered, instead of raising them, as data."""
    if isinstance(value, list):
        return [_told(each) for each in value]
    return Told(value) if isinstance(value, Problem) else value


def _rows(value: Any) -> Iterator[Entity]:
    """The entities in an answer."""
    match value:
        case Entity():
            yield value
        case Connection():
            for node in value.nodes:
                yield from _rows(node)
        case list() | tuple():
            for item in value:
                yield from _rows(item)
        case Value():
            for part in vars(value).values():
                yield from _rows(part)
