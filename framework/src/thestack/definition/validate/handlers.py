"""That handlers say who may call them, and take what they can be given."""

import reprlib
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import PydanticUserError, TypeAdapter, ValidationError

from thestack.definition import annotations as ann
from thestack.definition.model import (
    Capability,
    DependencyModel,
    EntityModel,
    EventModel,
    ForeignModel,
    HandlerModel,
    InputModel,
    MessageModel,
    OperationModel,
    ServiceModel,
    SubscriptionModel,
    ValueModel,
)
from thestack.definition.rules import Denied, Public, When, opened_by
from thestack.definition.shapes import UNSTAMPED, Shape
from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.site import Site

Fielded = EntityModel | ForeignModel | ValueModel | InputModel | EventModel | MessageModel


def validate_allow(model: ServiceModel) -> Iterator[Diagnostic]:
    """Everything that can be asked for says who may."""
    closed: dict[Site, list[str]] = {}
    operations: tuple[OperationModel | SubscriptionModel, ...] = (*model.operations, *model.subscriptions)
    for operation in operations:
        if isinstance(operation.allow, Denied):
            closed.setdefault(operation.handler.site, []).append(operation.graphql)
    for hook in model.hooks:
        if isinstance(hook.allow, Denied):
            closed.setdefault(hook.handler.site, []).append(hook.name)
    for site, names in closed.items():
        says, called = ("does", "it") if len(names) == 1 else ("do", "them")
        message = f"{_listed(names)} {says} not say who may call {called}"
        help = 'Add `allow=...`: `signed_in`, `group("staff")` or `public`.'
        yield Diagnostic("S0401", message, site, Part("decorator"), help)
    for entity in model.entities:
        if isinstance(entity.allow, Denied):
            message = f"`{entity.name}` does not say who may read it"
            help = 'Add `allow=...`: `signed_in`, `group("staff")` or `public`; or an `owner="..."`.'
            yield Diagnostic("S0401", message, entity.site, Part(), help)


def validate_callers(model: ServiceModel) -> Iterator[Diagnostic]:
    """`Owned` and `Caller` need a caller, and `Owned` an owner."""
    for consumer in model.consumers:
        for each in _of_caller(consumer.handler):
            is_timer = consumer.schedule is not None
            what = "timer" if is_timer else "consumer"
            message = f"a {what} has no caller, so `{each.name}` would be nobody's"
            help = "Take `Store[...]` and narrow it: `.owned_by(event.owner_id)`."
            if is_timer and each.capability is Capability.CALLER:
                help = "Do without: whom it is about is in the rows that it reads."
            elif each.capability is Capability.CALLER:
                help = "Let the event or the message say who it is about, in a field: `owner_id: Id`."
            yield Diagnostic("S0701", message, consumer.handler.site, Part("parameter", each.name), help)
    for hook in model.hooks:
        for each in _of_caller(hook.handler):
            message = f"nobody signs in at a hook, so `{each.name}` would be nobody's"
            help = "Let what is signed in the request say who it is about; narrow a `Store[...]` to them."
            yield Diagnostic("S0701", message, hook.handler.site, Part("parameter", each.name), help)
    generated: dict[Site, list[str]] = {}
    for part in (*model.answered, *model.subscriptions):
        if not (part.allow and opened_by(part.allow, Public, When)):
            continue
        asked, help = list(_of_caller(part.handler)), "Write `allow=signed_in`, or do without the caller."
        if asked and part.handler.is_generated:
            generated.setdefault(part.handler.site, []).append(part.graphql)
            continue
        for each in asked:
            message = f"`{part.graphql}` is open to anonymous callers, so `{each.name}` may be nobody's"
            yield Diagnostic("S0701", message, part.handler.site, Part("parameter", each.name), help)
    for site, names in generated.items():
        message = f"{_listed(names)}: open to anonymous callers, who have no rows of their own"
        yield Diagnostic("S0701", message, site, Part("decorator", "allow"), "Write `allow=signed_in`.")
    for handler in model.handlers:
        for each in handler.dependencies:
            entity = next((entity for entity in model.entities if entity.name == each.entity), None)
            if each.capability is Capability.OWNED and entity and not entity.owner:
                message = f"`{entity.name}` belongs to nobody, so nobody has rows of it"
                help = 'Give it `owner="..."`, or take `Store[...]` and narrow it by `.within(...)`.'
                yield Diagnostic("S0701", message, handler.site, Part("parameter", each.name), help)


def validate_defaults(model: ServiceModel) -> Iterator[Diagnostic]:
    """A default is of the type that it stands for."""
    for handler in model.handlers:
        for argument in handler.arguments:
            if argument.default is not ... and not _admits(argument.annotation, argument.default):
                yield _default(argument.name, argument.default, handler.site, "parameter")
    events, messages = (*model.events, *model.foreign_events), (*model.messages, *model.foreign_messages)
    shapes: tuple[Fielded, ...] = (*model.objects, *model.inputs, *events, *messages)
    for shape in shapes:
        scope, written = ann.module_scope(shape.type), ann.own_annotations(shape.type, Shape)
        for field in shape.fields:
            if field.required or field.name not in written or field.default == UNSTAMPED:
                continue
            if field.default is None and field.type.nullable:
                continue
            if not _admits(ann.evaluate(written[field.name], scope), field.default):
                yield _default(field.name, field.default, shape.site, "field")


def _of_caller(handler: HandlerModel) -> Iterator[DependencyModel]:
    """What a handler asks for that is the caller's, or the caller."""
    caller = (Capability.OWNED, Capability.CALLER)
    return (each for each in handler.dependencies if each.capability in caller)


def _listed(names: Sequence[str]) -> str:
    *first, last = [f"`{name}`" for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def _admits(annotation: Any, default: Any) -> bool:
    if type(default) is annotation:
        return True
    try:
        TypeAdapter(annotation).validate_python(default, strict=True)
    except ValidationError:
        return False
    except (PydanticUserError, NameError):  # of a type that is itself a mistake nothing can be said
        return True
    return True


def _default(name: str, value: Any, site: Site, kind: str) -> Diagnostic:
    message = f"the type of `{name}` does not admit its default, {reprlib.repr(value)}"
    return Diagnostic("S0105", message, site, Part(kind, name), "Give it a default of its type, or none.")
