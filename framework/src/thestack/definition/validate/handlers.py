"""That handlers say who may call them, and take what they can be given."""

from collections.abc import Iterator
from typing import Any

from pydantic import PydanticUserError, TypeAdapter, ValidationError

from thestack.definition import annotations as ann
from thestack.definition.model import Capability, HandlerModel, ServiceModel
from thestack.definition.rules import All, Denied, Public, Rule
from thestack.definition.rules import Any as Either
from thestack.definition.shapes import Shape
from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.site import Site


def validate_allow(model: ServiceModel) -> Iterator[Diagnostic]:
    """Everything that can be asked for says who may."""
    closed: dict[Site, list[str]] = {}
    for operation in model.operations:
        if isinstance(operation.allow, Denied):
            closed.setdefault(operation.handler.site, []).append(f"`{operation.graphql}`")
    for site, names in closed.items():
        message = f"{' and '.join(names)} {'does' if len(names) == 1 else 'do'} not say who may call it"
        help = 'Add `allow=`: `signed_in`, `group("staff")` or `public`.'
        yield Diagnostic("S0401", message, site, Part("decorator"), help)
    for entity in model.entities:
        if isinstance(entity.allow, Denied):
            message = f"`{entity.name}` does not say who may read it"
            help = 'Add `allow=`: `signed_in`, `group("staff")`, `public`, or an `owner=`.'
            yield Diagnostic("S0401", message, entity.site, Part(), help)


def validate_callers(model: ServiceModel) -> Iterator[Diagnostic]:
    """`Owned` and `Caller` need a caller, and `Owned` an owner."""
    for consumer in model.consumers:
        yield from _uncalled(consumer.handler, "a consumer has no caller", "what is handed over")
    for part in model.answered:
        if part.allow and _admits_anonymous(part.allow):
            yield from _uncalled(part.handler, "who is not signed in may call this", "an argument")
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
    said = (*model.events, *model.foreign_events, *model.messages, *model.foreign_messages)
    for shape in (*model.objects, *model.inputs, *said):
        scope, written = ann.module_scope(shape.type), ann.own_annotations(shape.type, Shape)
        for field in shape.fields:
            if field.required or field.name not in written:
                continue
            if not _admits(ann.evaluate(written[field.name], scope), field.default):
                yield _default(field.name, field.default, shape.site, "field")


def _uncalled(handler: HandlerModel, why: str, where: str) -> Iterator[Diagnostic]:
    helps = {
        Capability.OWNED: f"Take `Store[...]` and narrow it: `.owned_by(owner_id)`, with an id from {where}.",
        Capability.CALLER: f"Read who it is about from {where}.",
    }
    for each in handler.dependencies:
        if each.capability in helps:
            message = f"{why}, so `{each.name}` would be nobody's"
            help = helps[each.capability]
            yield Diagnostic("S0701", message, handler.site, Part("parameter", each.name), help)


def _admits_anonymous(rule: Rule) -> bool:
    match rule:
        case All(parts):
            return all(_admits_anonymous(part) for part in parts)
        case Either(parts):
            return any(_admits_anonymous(part) for part in parts)
        case _:
            return isinstance(rule, Public)


def _admits(annotation: Any, default: Any) -> bool:
    try:
        TypeAdapter(annotation).validate_python(default, strict=True)
    except ValidationError:
        return False
    except (PydanticUserError, NameError):  # of a type that is itself a mistake nothing can be said
        return True
    return True


def _default(name: str, value: Any, site: Site, kind: str) -> Diagnostic:
    message = f"`{name}` can't be {value!r}, which its default is"
    return Diagnostic("S0105", message, site, Part(kind, name), "Give it a default of its type, or none.")
