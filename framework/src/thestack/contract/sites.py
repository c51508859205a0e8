"""From a coordinate of a contract to the place of the definition that it comes from.

Coordinates are those of findings: "Todo", "Todo.dueAt", "Query.todos(where:)", "Status.DONE", an event with a
field of its data ("todo.completed.owner_id"), a queue's address with one ("notifications/email.subject").
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from thestack.definition.model import (
    EventModel,
    FieldModel,
    HandlerModel,
    MessageModel,
    ServiceModel,
)
from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.locate import Locator
from thestack.diagnostics.site import Site
from thestack.diagnostics.source import Source

_ROOTS = ("Query", "Mutation", "Subscription")
_MADE = ("Connection", "Edge")
"""Types that are made for an entity that is listed."""


def site_of(model: ServiceModel, about: str) -> Site:
    """The line of the definition that a coordinate means; of what is not there (any more) the nearest: its
    type, or else the service.

    Example:
        >>> site_of(todo, "Todo.title").line  # doctest: +SKIP
        48
    """
    site, part = place_of(model, about)
    span = Locator().locate(Diagnostic("", "", site, part))
    return Site(site.file, span.line, site.name)


def place_of(model: ServiceModel, about: str) -> tuple[Site, Part]:
    """The declaration that a coordinate means, and which part of it, for a `Diagnostic`."""
    name, _, rest = about.partition("(")
    argument = rest.removesuffix(":)")
    type, _, member = name.partition(".")
    found = (
        _said(model, about)
        or _answered(model, type, member, argument)
        or _member(model, type, member)
        or _declared(model, type, member)
        or _made(model, type)
    )
    return found or (model.site, Part())


def _said(model: ServiceModel, about: str) -> tuple[Site, Part] | None:
    """Of an event or a message: the newest version's class, and its field."""
    said: list[tuple[str, EventModel | MessageModel]] = [
        *((each.name, each) for each in (*model.events, *model.foreign_events)),
        *((each.address, each) for each in (*model.messages, *model.foreign_messages)),
    ]
    fitting = [(name, each) for name, each in said if f"{about}.".startswith(f"{name}.")]
    if not fitting:
        return None
    name, found = max(fitting, key=lambda each: (len(each[0]), each[1].version))
    field = about[len(name) + 1 :].partition(".")[0].removesuffix("[]")
    return found.site, _part(found.fields, field)


def _answered(model: ServiceModel, type: str, member: str, argument: str) -> tuple[Site, Part] | None:
    """Of a field that a function answers: the function, and its parameter."""
    for parent, field, handler in _fields(model):
        if (parent, field) == (type, member):
            return handler.site, _parameter(handler, argument)
    return None


def _fields(model: ServiceModel) -> Iterator[tuple[str, str, HandlerModel]]:
    yield from ((each.kind.capitalize(), each.graphql, each.handler) for each in model.operations)
    yield from (("Subscription", each.graphql, each.handler) for each in model.subscriptions)
    for shape in (*model.objects, *model.interfaces):
        yield from ((shape.name, each.graphql, each.handler) for each in model.computed_of(shape))


def _parameter(handler: HandlerModel, argument: str) -> Part:
    if argument in ("first", "after") and handler.page:
        return Part("parameter", handler.page)
    found = (each.name for each in handler.arguments if each.graphql == argument)
    name = next(found, None)
    return Part("parameter", name) if name else Part()


def _member(model: ServiceModel, type: str, member: str) -> tuple[Site, Part] | None:
    """Of a type that is a class with a site of its own: the class, and its field."""
    for shape in (*model.objects, *model.interfaces, *model.inputs):
        if shape.name == type:
            return shape.site, _part(shape.fields, member)
    return next(((each.site, Part()) for each in model.buckets if each.name == type), None)


def _part(fields: Iterable[FieldModel], name: str) -> Part:
    found = (each.name for each in fields if name and name in (each.graphql, each.name))
    python = next(found, None)
    return Part("field", python) if python else Part()


def _declared(model: ServiceModel, type: str, member: str) -> tuple[Site, Part] | None:
    """Of an enum, a problem or another class of this name in the service's files."""
    if type in _ROOTS or not type.isidentifier():
        return None
    for file in _files(model):
        for node in Source(str(file)).tree.body:
            if isinstance(node, ast.ClassDef) and node.name == type:
                return Site(str(file), node.lineno, type), Part("field", member) if member else Part()
    return None


def _made(model: ServiceModel, type: str) -> tuple[Site, Part] | None:
    """Of a connection or an edge: what it lists."""
    for suffix in _MADE:
        if type.endswith(suffix) and (found := _member(model, type.removesuffix(suffix), "")):
            return found
    return None


def _files(model: ServiceModel) -> list[Path]:
    """The service's own files, the definition first."""
    definition = Path(model.site.file)
    others = sorted(definition.parent.rglob("*.py"))
    return [definition, *(each for each in others if each != definition and "tests" not in each.parts)]
