"""Models handlers: what a function takes from a request, and what it asks for."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from thestack.definition import annotations as ann
from thestack.definition.capabilities import Caller, Once, Owned, Reader, Store
from thestack.definition.model import (
    ArgumentModel,
    Capability,
    DependencyModel,
    HandlerModel,
    Kind,
    TypeRef,
)
from thestack.definition.pages import Page
from thestack.definition.service import Recorded
from thestack.definition.shapes import Entity, Event, ForeignEvent, ForeignMessage, Message, camel
from thestack.definition.shaping import Shapes
from thestack.diagnostics.diagnostic import Part, nearest
from thestack.ports.clock import Clock
from thestack.ports.identity import Profiles
from thestack.ports.mailer import Mailer

PLAIN_CAPABILITIES: Mapping[Any, Capability] = {
    Caller: Capability.CALLER,
    Clock: Capability.CLOCK,
    Mailer: Capability.MAILER,
    Once: Capability.ONCE,
    Profiles: Capability.PROFILES,
}
ROW_CAPABILITIES: Mapping[Any, Capability] = {
    Owned: Capability.OWNED,
    Store: Capability.STORE,
    Reader: Capability.READER,
}


class Handlers:
    """Reads signatures; the shapes that they mention are added to `shapes`, and so are the mistakes."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes

    def handler(self, recorded: Recorded, parameters: Iterable[ann.Parameter]) -> HandlerModel:
        arguments: list[ArgumentModel] = []
        dependencies: list[DependencyModel] = []
        page: str | None = None
        for each in parameters:
            if each.kind == "dependency":
                dependency = self.dependency(each, recorded)
                if dependency:
                    dependencies.append(dependency)
            elif each.annotation is Page:
                page = each.name
            elif each.kind == "argument":
                ref = self.shapes.type_ref(each.annotation, recorded, Part("parameter", each.name))
                if ref:
                    check = ann.constrained(each.annotation) or ref.named.kind is Kind.INPUT
                    arguments.append(
                        ArgumentModel(each.name, camel(each.name), ref, each.default, each.annotation, check)
                    )
        function = recorded.function
        return HandlerModel(
            function.__name__,
            function,
            tuple(arguments),
            tuple(dependencies),
            page,
            recorded.site,
            inspect.getdoc(function) or "",
        )

    def parameters(self, recorded: Recorded) -> list[ann.Parameter]:
        kinds = {
            inspect.Parameter.POSITIONAL_ONLY: "given",
            inspect.Parameter.POSITIONAL_OR_KEYWORD: "argument",
            inspect.Parameter.KEYWORD_ONLY: "dependency",
        }
        found: list[ann.Parameter] = []
        function = recorded.function
        if not inspect.iscoroutinefunction(function):
            help = f"Write `async def {function.__name__}(...)`."
            self.shapes.report("S0703", f"`{function.__name__}` is not async", recorded, Part("name"), help)
        for parameter in inspect.signature(function).parameters.values():
            at = Part("parameter", parameter.name)
            if parameter.kind not in kinds:
                self.shapes.report(
                    "S0703", "a handler takes no *args or **kwargs", recorded, at, "Name each argument."
                )
                continue
            if parameter.annotation is inspect.Parameter.empty:
                self.shapes.report(
                    "S0101",
                    f"parameter `{parameter.name}` has no annotation",
                    recorded,
                    at,
                    "Give it a type.",
                )
                continue
            annotation = self.shapes.resolve(parameter.annotation, function.__globals__, recorded, at)
            if annotation is not None:
                default = ... if parameter.default is inspect.Parameter.empty else parameter.default
                found.append(ann.Parameter(parameter.name, kinds[parameter.kind], annotation, default))
        return found

    def returns(self, recorded: Recorded) -> TypeRef | None:
        annotation = inspect.signature(recorded.function).return_annotation
        at = Part("returns")
        if annotation is inspect.Signature.empty:
            self.shapes.report(
                "S0101",
                f"`{recorded.function.__name__}` says no return type",
                recorded,
                Part("name"),
                "Add `-> T`.",
            )
            return None
        resolved = self.shapes.resolve(annotation, recorded.function.__globals__, recorded, at)
        return None if resolved is None else self.shapes.type_ref(resolved, recorded, at)

    def dependency(self, parameter: ann.Parameter, recorded: Recorded) -> DependencyModel | None:
        annotation, at = parameter.annotation, Part("parameter", parameter.name)
        if annotation in PLAIN_CAPABILITIES:
            return DependencyModel(parameter.name, PLAIN_CAPABILITIES[annotation])
        capability = ROW_CAPABILITIES.get(get_origin(annotation))
        if capability is None:
            known = [each.__name__ for each in (*ROW_CAPABILITIES, *PLAIN_CAPABILITIES)]
            name = getattr(annotation, "__name__", str(annotation))
            self.shapes.report("S0702", f"nothing provides `{name}`", recorded, at, nearest(name, known))
            return None
        entity, *rest = get_args(annotation)
        if not (isinstance(entity, type) and issubclass(entity, Entity)):
            help = "Its first argument is an Entity of this service."
            self.shapes.report(
                "S0702", f"`{get_origin(annotation).__name__}` is not of an entity", recorded, at, help
            )
            return None
        self.shapes.shape(entity)
        emits: list[str] = []
        sends: list[str] = []
        for each in ann.members(rest[0]) if rest else ():
            if not isinstance(each, type):
                continue
            if issubclass(each, Event):
                self.shapes.shape(each)
                emits.append(self.shapes.models[each].name)
            elif issubclass(each, Message | ForeignMessage):
                self.shapes.shape(each)
                sends.append(self.shapes.models[each].address)
            else:
                message = f"`{each.__name__}` can't be emitted: it is neither an event nor a message"
                help = "Declare it as `class X(Event, name=..., version=1)`, `Message` or `ForeignMessage`."
                if issubclass(each, ForeignEvent):
                    source = vars(each)["__declared__"].keywords.get("source")
                    message = f"`{each.__name__}` is an event of another service: only `{source}` may emit it"
                self.shapes.report("S0601", message, recorded, at, help)
        return DependencyModel(parameter.name, capability, entity.__name__, tuple(emits), tuple(sends))
