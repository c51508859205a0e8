"""That directives stand where they mean something."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from thestack.definition.directives import Directive, written
from thestack.definition.model import (
    EntityModel,
    EventModel,
    FieldModel,
    HandlerModel,
    MessageModel,
    ServiceModel,
    TypeRef,
    ValueModel,
)
from thestack.definition.rules import Public
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest
from thestack.diagnostics.site import Site

TYPE, INTERFACE, INPUT = "OBJECT", "INTERFACE", "INPUT_OBJECT"
FIELD, ARGUMENT, INPUT_FIELD = "FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION"
OWN_FIELD, INTERFACE_FIELD, SAID = "a field of the service's own", "an interface's field", "a said field"
PLACES: Mapping[str, str] = {
    TYPE: "a type",
    INTERFACE: "an interface",
    INPUT: "an input",
    FIELD: "a field",
    OWN_FIELD: "a field that this service resolves itself",
    INTERFACE_FIELD: "a field of an interface",
    ARGUMENT: "an argument",
    INPUT_FIELD: "a field of an input",
    SAID: "a field of an event or a message",
}
GUARDED = frozenset({TYPE, INTERFACE, FIELD, OWN_FIELD, INTERFACE_FIELD})
ANYWHERE = GUARDED | {INPUT, ARGUMENT, INPUT_FIELD}
RESOLVED = frozenset({FIELD, OWN_FIELD})
ADMITTED: Mapping[str, frozenset[str]] = {
    "authenticated": GUARDED,
    "context": frozenset({TYPE, INTERFACE}),
    "cost": RESOLVED | {TYPE, ARGUMENT, INPUT_FIELD},
    "deprecated": RESOLVED | {INTERFACE_FIELD, ARGUMENT, INPUT_FIELD},
    "external": frozenset({FIELD}),
    "fromContext": frozenset({ARGUMENT}),
    "inaccessible": ANYWHERE,
    "listSize": RESOLVED,
    "override": RESOLVED,
    "policy": GUARDED,
    "provides": RESOLVED,
    "requiresScopes": GUARDED,
    "shareable": RESOLVED | {TYPE},
    "tag": ANYWHERE,
}
DEFINITION = re.compile(r"\s*directive\s+@\w+\s*(\(.*\))?\s*(repeatable\s+)?on\s+([A-Z_|\s]+)", re.DOTALL)
ADDRESS = re.compile(r"https?://.+/v\d+\.\d+")
FOR_CALLERS = ("authenticated", "requiresScopes", "policy")


@dataclass(frozen=True, slots=True)
class Use:
    """A directive in a definition: where it stands, and what to write to have it away."""

    directive: Directive
    place: str
    site: Site
    part: Part
    without: str = ""


def validate_directive_places(model: ServiceModel) -> Iterator[Diagnostic]:
    """A directive stands where its specification lets it."""
    for use in uses(model):
        place = FIELD if use.place in (OWN_FIELD, INTERFACE_FIELD) else use.place
        found = DEFINITION.fullmatch(use.directive.definition)
        custom = found.group(3).replace("|", " ").split() if found else []
        admitted = use.place in ADMITTED.get(use.directive.name, ()) or place in custom
        if not admitted and not (use.directive.definition and not found):
            message = f"`{in_python(use.directive.name)}` can't stand on {PLACES[use.place]}"
            help = use.without or f"Delete `{as_python(use.directive)}`."
            yield Diagnostic("S0901", message, use.site, use.part, help)


def validate_custom_directives(model: ServiceModel) -> Iterator[Diagnostic]:
    """A directive of one's own is defined in SDL, at an address with a version."""
    for use in {each.directive.definition: each for each in uses(model)}.values():
        directive = use.directive
        if not directive.definition:
            continue
        site = directive.site or use.site
        if not DEFINITION.fullmatch(directive.definition):
            message = "a custom directive's definition says its name and where it may stand"
            place = FIELD if use.place in (OWN_FIELD, INTERFACE_FIELD, SAID) else use.place
            help = f'Write `"directive @{directive.name or "name"} on {place}"`.'
            yield Diagnostic("S0902", message, site, Part(), help)
        elif not ADDRESS.fullmatch(directive.url):
            message = f"the address of the directive `{directive.name}` does not end with a version"
            help = f'Write `url="https://directives.example/{directive.name}/v1.0"`.'
            yield Diagnostic("S0902", message, site, Part("keyword", "url"), help)


def validate_contexts(model: ServiceModel) -> Iterator[Diagnostic]:
    """An argument's context is set by a type of this service, and the argument may be left out."""
    known = {
        str(use.directive.arguments["name"])
        for use in uses(model)
        if use.directive.name == "context" and use.place in (TYPE, INTERFACE)
    }
    for handler in (part.handler for part in model.answered):
        for argument in handler.arguments:
            for each in argument.directives:
                if each.name != "fromContext":
                    continue
                part = Part("parameter", argument.name)
                name = str(each.arguments["field"]).removeprefix("$").partition(" ")[0]
                if name not in known:
                    message = f"no type sets the context `{name}`"
                    help = nearest(name, known) or f'Add `directives=[context("{name}")]`.'
                    yield Diagnostic("S0905", message, handler.site, part, help)
                elif argument.default is not None or not argument.type.nullable:
                    message = f"`{argument.name}` is null where a router knows no contexts"
                    annotation = f"{in_annotation(argument.type).removesuffix(' | None')} | None"
                    asked = f"{argument.name}: Annotated[{annotation}, {as_python(each)}] = None"
                    yield Diagnostic("S0906", message, handler.site, part, f"Write `{asked}`.")


def validate_public_marks(model: ServiceModel) -> Iterator[Diagnostic]:
    """What asks for a caller is not open to everybody: the rule decides, whatever a router knows."""
    for operation in model.operations:
        for each in operation.directives:
            if each.name in FOR_CALLERS and isinstance(operation.allow, Public):
                message = (
                    f"`{operation.handler.name}` is `public`, whatever `{in_python(each.name)}` asks for"
                )
                site, part = operation.handler.site, Part("decorator", "allow")
                yield Diagnostic("S0909", message, site, part, "Write `allow=signed_in`.")


def validate_overrides(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """What is taken over, is taken from another service that there is."""
    for model in models:
        others = [each.name for each in models if each is not model]
        for use in uses(model):
            source = use.directive.arguments.get("from")
            if use.directive.name == "override" and use.place in RESOLVED and source not in others:
                whose = "this service itself" if source == model.name else "no service"
                message = f"a field is taken over from `{source}`, which is {whose}"
                help = nearest(str(source), others)
                if len(others) == 1:
                    given = {**use.directive.arguments, "from": others[0]}
                    help = f"Write `{as_python(replace(use.directive, arguments=given))}`."
                yield Diagnostic("S0911", message, use.site, use.part, help)


def uses(model: ServiceModel) -> Iterator[Use]:
    """Every directive of a service."""
    for foreign in model.foreigns:
        yield from _on_shape(foreign.directives if foreign.view_of is None else (), TYPE, foreign.site)
        yield from _on_fields(foreign.fields, FIELD, foreign.site)
    own: tuple[EntityModel | ValueModel, ...] = (*model.entities, *model.values)
    for shape in own:
        yield from _on_shape(shape.directives, TYPE, shape.site)
        yield from _on_fields(shape.fields, OWN_FIELD, shape.site)
    for interface in model.interfaces:
        yield from _on_shape(interface.directives, INTERFACE, interface.site)
        yield from _on_fields(interface.fields, INTERFACE_FIELD, interface.site)
    for taken in model.inputs:
        yield from _on_shape(taken.directives, INPUT, taken.site)
        yield from _on_fields(taken.fields, INPUT_FIELD, taken.site)
    outgoing: tuple[EventModel | MessageModel, ...] = (*model.events, *model.messages)
    for said in outgoing:
        yield from _on_fields(said.fields, SAID, said.site)
    for part in (*model.answered, *model.subscriptions):
        for each in part.directives:
            yield Use(each, OWN_FIELD, part.handler.site, Part("decorator", "directives"))
        yield from _on_arguments(part.handler)


def in_python(name: str) -> str:
    """The name by which a definition calls a directive: `requires_scopes`."""
    return re.sub(r"(?<!^)([A-Z])", lambda found: f"_{found[1].lower()}", name)


def as_python(directive: Directive) -> str:
    """A use of a directive as a definition writes it: `override("products")`."""
    name, given = in_python(directive.name), directive.arguments
    match directive.name:
        case _ if directive.definition:
            return f"{directive.name}({json.dumps(dict(given)) if given else ''})"
        case "fromContext":
            context, _, selection = str(given["field"]).removeprefix("$").partition(" { ")
            return f"{name}({json.dumps(context)}, {json.dumps(selection.removesuffix(' }'))})"
        case "provides":
            return f"{name}({', '.join(json.dumps(each) for each in str(given['fields']).split())})"
        case "requiresScopes" | "policy":
            alternatives: Any = next(iter(given.values()))
            return f"{name}({', '.join(json.dumps(each) for each in alternatives)})"
        case "override" if "label" in given:
            return f"{name}({json.dumps(given['from'])}, label={json.dumps(given['label'])})"
        case "listSize":
            named = {"assumedSize": "assumed", "requireOneSlicingArgument": "require_one"}
            keywords = ((named.get(each) or in_python(each), value) for each, value in given.items())
            return f"{name}({', '.join(f'{each}={_constant(value)}' for each, value in keywords)})"
        case _:
            return f"{name}({', '.join(written(each) for each in given.values())})" if given else name


def _constant(value: Any) -> str:
    return str(value) if isinstance(value, bool) else json.dumps(value)


def in_annotation(ref: TypeRef) -> str:
    """A type as an annotation writes it: `list[Id] | None`."""
    text = f"list[{in_annotation(ref.item)}]" if ref.item else getattr(ref.python, "__name__", ref.name)
    return f"{text} | None" if ref.nullable else str(text)


def _on_shape(directives: Iterable[Directive], place: str, site: Site) -> Iterator[Use]:
    return (Use(each, place, site, Part("keyword", "directives")) for each in directives)


def _on_fields(fields: Iterable[FieldModel], place: str, site: Site) -> Iterator[Use]:
    for field in fields:
        plain = f"Write `{field.name}: {in_annotation(field.type)}`."
        yield from (Use(each, place, site, Part("field", field.name), plain) for each in field.directives)


def _on_arguments(handler: HandlerModel) -> Iterator[Use]:
    for argument in handler.arguments:
        plain = f"Write `{argument.name}: {in_annotation(argument.type)}`."
        for each in argument.directives:
            yield Use(each, ARGUMENT, handler.site, Part("parameter", argument.name), plain)
