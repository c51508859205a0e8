"""What a handler is handed when somebody runs it by hand: made of the definition and of what they wrote."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from pydantic import ValidationError
from ulid import ULID

from thestack.contract import sdl
from thestack.definition.model import (
    AwsEventModel,
    ConsumerModel,
    EventModel,
    MessageModel,
    OperationModel,
    ServiceModel,
    Trigger,
)
from thestack.diagnostics.diagnostic import nearest
from thestack.ports import Claims, Envelope
from thestack.runtime.authorize import to_context
from thestack.runtime.firing import firing

Heard = EventModel | AwsEventModel | MessageModel

BY_HAND = "invoke"
"""The source of a message, and the subject of an event, that no handler said."""


class WrongEvent(Exception):
    """The handler can't be handed that; the message says why."""


def request(model: ServiceModel, operation: OperationModel, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A GraphQL request for one operation, which asks for every leaf of the answer, and of a connection for
    those of its nodes.

    Raises `WrongEvent` for an argument that it does not take, or lacks.
    """
    schema = build_schema(sdl.executable(model))
    root = schema.mutation_type if operation.writes else schema.query_type
    if root is None:
        raise AssertionError("an operation without its root type")
    field = root.fields[operation.graphql]
    for name in arguments:
        if name not in field.args:
            help = nearest(name, field.args) or "It takes none."
            raise WrongEvent(f"{operation.graphql} has no argument {name!r}. {help}")
    for name, argument in field.args.items():
        if is_required_argument(argument) and name not in arguments:
            raise WrongEvent(f"{operation.graphql} needs the argument {name!r}, of type {argument.type}")
    variables = ", ".join(f"${name}: {field.args[name].type}" for name in arguments)
    taken = ", ".join(f"{name}: ${name}" for name in arguments)
    asked = f"{operation.graphql}{f'({taken})' if taken else ''}{_selection(get_named_type(field.type))}"
    query = f"{operation.kind} Invoke{f'({variables})' if variables else ''} {{ {asked} }}"
    return {"query": query, "variables": dict(arguments), "operationName": "Invoke"}


def http_event(request: Mapping[str, Any], claims: Claims | None, correlation_id: str) -> dict[str, Any]:
    """The event in which the router hands a request to a subgraph."""
    context: dict[str, Any] = {"http": {"method": "POST"}}
    if claims:
        context["authorizer"] = {"lambda": to_context(claims)}
    return {
        "version": "2.0",
        "rawPath": "/graphql",
        "headers": {"content-type": "application/json", "x-correlation-id": correlation_id},
        "requestContext": context,
        "body": json.dumps(request),
        "isBase64Encoded": False,
    }


def hook_event(given: Mapping[str, Any], tenant: str, path: str, id: str) -> dict[str, Any]:
    """The event in which the API hands a hook a request: of `given` its method, query, form, headers and
    body, of which each may be left out.

    Raises `WrongEvent` for anything else.
    """
    if unknown := set(given) - {"method", "query", "form", "headers", "body"}:
        known = "method, query, form, headers and body"
        raise WrongEvent(f"a request has no {min(unknown)!r}; it has {known}")
    headers, body = dict(given.get("headers", {})), given.get("body", "")
    if form := given.get("form"):
        headers["content-type"], body = "application/x-www-form-urlencoded", urlencode(form)
    method = given.get("method", "POST" if body else "GET")
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": urlencode(given.get("query", {})),
        "headers": headers,
        "requestContext": {"http": {"method": method, "path": path}, "requestId": id},
        "pathParameters": {"tenant": tenant},
        "body": body if isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }


def envelope(
    model: ServiceModel, consumer: ConsumerModel, given: Mapping[str, Any], type: str | None, tenant: str
) -> Envelope:
    """The envelope to send to a consumer: `given` itself if it is a CloudEvent, else one around it.

    `type` is needed where the consumer hears several. Raises `WrongEvent`, also for data that it can't read.
    """
    if "specversion" in given:
        try:
            whole = Envelope.from_json(json.dumps(given))
        except ValueError as wrong:
            raise WrongEvent(str(wrong)) from None
        if consumer.trigger is Trigger.TIME or consumer.hears_all:
            return whole
        known = _heard(model, consumer, whole.type)
        if whole.version == known.version:  # an older one is the upcasters' to read
            _check(known, whole.data)
        return whole
    if consumer.trigger is Trigger.TIME:
        return _woken(consumer, given, tenant)
    if consumer.hears_all and type is None:
        raise WrongEvent(
            f"{consumer.name} hears every event; say which with --type, or hand it a whole CloudEvent"
        )
    id = str(ULID())
    if consumer.hears_all and type not in {each.name for each in (*model.events, *model.foreign_events)}:
        now, cause = datetime.now(UTC), f"{BY_HAND}-{id}"
        return Envelope(id, str(type), 1, BY_HAND, BY_HAND, now, tenant, given, correlation_id=cause)
    heard = _heard(model, consumer, type)
    _check(heard, given)
    return Envelope(
        id=id,
        type=heard.address if isinstance(heard, MessageModel) else heard.name,
        version=heard.version,
        source=BY_HAND if isinstance(heard, MessageModel) else heard.source,
        subject=BY_HAND,
        time=datetime.now(UTC),
        tenant=tenant,
        data=given,
        correlation_id=f"{BY_HAND}-{id}",
        partition_key=_group(heard, given),
    )


def _woken(consumer: ConsumerModel, given: Mapping[str, Any], tenant: str) -> Envelope:
    """What a timer is woken with, at a moment of its own."""
    if given:
        raise WrongEvent(f"{consumer.name} is a timer, and handed nothing; leave out --event")
    id = str(ULID())
    return replace(firing(consumer, tenant, datetime.now(UTC)), id=id, correlation_id=f"{BY_HAND}-{id}")


def _selection(type: GraphQLNamedType) -> str:
    """What to ask of a type: its leaves, and of a connection those of its nodes."""
    if not isinstance(type, GraphQLObjectType | GraphQLInterfaceType):
        return ""
    if "nodes" in type.fields and "pageInfo" in type.fields:
        nodes = _selection(get_named_type(type.fields["nodes"].type))
        return f" {{ nodes{nodes} pageInfo {{ hasNextPage endCursor }} }}"
    leaves = [
        name
        for name, field in type.fields.items()
        if is_leaf_type(get_named_type(field.type))
        and not any(map(is_required_argument, field.args.values()))
    ]
    return f" {{ {' '.join(leaves) or '__typename'} }}"


def _heard(model: ServiceModel, consumer: ConsumerModel, type: str | None) -> Heard:
    """What a consumer hears by this name; without one, the only thing that it hears. Raises `WrongEvent`."""
    known: dict[str, Heard] = {}
    if consumer.trigger is Trigger.MESSAGE:
        messages: Sequence[MessageModel] = (*model.messages, *model.foreign_messages)
        known |= {each.address: each for each in messages if each.type in consumer.reads}
    else:
        events: Sequence[EventModel | AwsEventModel]
        events = (*model.events, *model.foreign_events, *model.aws_events)
        known |= {each.name: each for each in events if consumer.hears_all or each.type in consumer.reads}
    if type is None and len(known) == 1:
        return next(iter(known.values()))
    if type is None:
        raise WrongEvent(f"{consumer.name} hears {', '.join(sorted(known))}; choose one with --type")
    if type not in known:
        raise WrongEvent(f"{consumer.name} does not hear {type!r}. {nearest(type, known)}")
    return known[type]


def _group(heard: Heard, data: Mapping[str, Any]) -> str | None:
    """What the message has in common with those that are taken in order."""
    return str(data[heard.group]) if isinstance(heard, MessageModel) and heard.group else None


def _check(heard: Heard, data: Mapping[str, Any]) -> None:
    """Raise `WrongEvent` where the consumer would give the data up at once."""
    try:
        heard.type.model_validate(dict(data))
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WrongEvent(f"the data is no {heard.type.__name__}: {where}: {first['msg']}") from None
