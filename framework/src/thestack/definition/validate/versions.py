"""That only the newest version of an event or a message is said and heard, and older ones lead to it."""

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from thestack.definition.any_event import AnyEvent
from thestack.definition.model import EventModel, MessageModel, ServiceModel
from thestack.definition.shapes import AwsEvent
from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.site import Site

Versioned = EventModel | MessageModel


def validate_newest(model: ServiceModel) -> Iterator[Diagnostic]:
    """What is said and heard is the newest version that the service declares."""
    known = {each.type: each for each in versioned(model)}
    newest = _newest(known.values())
    for site, parameter, shape in _mentioned(model):
        last = newest[identity(known[shape])]
        if known[shape].version < last.version:
            message = f"`{shape.__name__}` is an older version of `{last.type.__name__}`: said no more"
            help = f"Write `{last.type.__name__}`."
            yield Diagnostic("S0609", message, site, Part("parameter", parameter), help)


def validate_upcasters(model: ServiceModel) -> Iterator[Diagnostic]:
    """An upcaster leads from a version of an event or a message to a later one of it, by one way."""
    known = {each.type: each for each in versioned(model)}
    seen: set[Any] = set()
    for upcaster in model.upcasters:
        older, newer = known[upcaster.reads], known[upcaster.makes]
        message, help = "", "Delete it."
        if identity(older) != identity(newer):
            names = f"`{older.type.__name__}` and `{newer.type.__name__}`"
            message = f"{names} are no versions of one thing: {_told(older)}, {_told(newer)}"
            help = "Delete it, or begin with an older class of what it makes."
        elif older.version >= newer.version:
            message = f"this leads from version {older.version} of {_told(newer)} to {newer.version}"
        elif (identity(older), older.version) in seen:
            message = f"there is another way from version {older.version} of {_told(older)}"
        seen.add((identity(older), older.version))
        if message:
            yield Diagnostic("S0610", message, upcaster.site, Part("name"), help)


def versioned(model: ServiceModel) -> Iterator[Versioned]:
    """Every version of everything that the service says, hears, sends or takes."""
    yield from (*model.events, *model.foreign_events)
    yield from (*model.messages, *model.foreign_messages)


def identity(said: Versioned) -> tuple[str, str]:
    """What all versions have in common: where it comes from or goes to, and its name."""
    if isinstance(said, EventModel):
        return (said.source, said.name)
    return (said.service, said.address)


def _mentioned(model: ServiceModel) -> Iterator[tuple[Site, str, type[Any]]]:
    """What handlers may say and what consumers hear, with the parameter that names it."""
    for handler in model.handlers:
        for dependency in handler.dependencies:
            yield from ((handler.site, dependency.name, shape) for shape in dependency.says)
    for consumer in model.consumers:
        given = next(iter(inspect.signature(consumer.handler.function).parameters), "")
        reads = [each for each in consumer.reads if not issubclass(each, AwsEvent | AnyEvent)]
        yield from ((consumer.handler.site, given, shape) for shape in reads)


def _newest(models: Iterable[Versioned]) -> dict[tuple[str, str], Versioned]:
    return {identity(each): each for each in sorted(models, key=lambda each: each.version)}


def _told(said: Versioned) -> str:
    return f"the event {said.name}" if isinstance(said, EventModel) else f"the queue {said.address}"
