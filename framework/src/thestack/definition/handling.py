"""Models handlers: what a function takes from a request, and what it asks for."""

import inspect
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Never, get_args, get_origin

from pydantic.fields import FieldInfo

from thestack.definition import annotations as ann
from thestack.definition.buckets import BlobReader, Blobs, Bucket
from thestack.definition.capabilities import (
    Caller,
    Collection,
    Links,
    Once,
    Owned,
    Reader,
    RequiresMark,
    Secret,
    SecretMark,
    Store,
)
from thestack.definition.directives import Directive
from thestack.definition.model import (
    ArgumentModel,
    BucketModel,
    Capability,
    DependencyModel,
    EventModel,
    HandlerModel,
    Kind,
    MessageModel,
    ProviderModel,
    SecretModel,
    TypeRef,
)
from thestack.definition.pages import Page
from thestack.definition.positions import ANSWERED, GIVEN
from thestack.definition.service import HandlerKind, Recorded
from thestack.definition.shapes import Entity, Event, ForeignEvent, ForeignMessage, Message, camel
from thestack.definition.shaping import Shapes
from thestack.diagnostics.diagnostic import Part, nearest
from thestack.ports.clock import Clock
from thestack.ports.identity import Profiles
from thestack.ports.mailer import Mailer

PLAIN_CAPABILITIES: Mapping[Any, Capability] = {
    Caller: Capability.CALLER,
    Clock: Capability.CLOCK,
    Links: Capability.LINKS,
    Mailer: Capability.MAILER,
    Once: Capability.ONCE,
    Profiles: Capability.PROFILES,
}
ROW_CAPABILITIES: Mapping[Any, Capability] = {
    Owned: Capability.OWNED,
    Store: Capability.STORE,
    Reader: Capability.READER,
    Collection: Capability.COLLECTION,
}
BLOB_CAPABILITIES: Mapping[Any, Capability] = {
    Blobs: Capability.BLOBS,
    BlobReader: Capability.BLOB_READER,
}

WORDS: Mapping[HandlerKind, str] = {
    "query": "query",
    "mutation": "mutation",
    "field": "field",
    "batch_field": "batch field",
    "on": "consumer",
    "queue": "consumer",
    "subscription": "subscription",
    "timer": "timer",
    "hook": "hook",
    "provide": "provider",
    "upcast": "upcaster",
}


ASKED_BY_NOBODY: tuple[HandlerKind, ...] = ("timer", "provide")
HANDED_NOTHING: tuple[HandlerKind, ...] = ("query", "mutation", "timer", "provide")
MAY_WAIT_FOR_NOTHING: tuple[HandlerKind, ...] = ("provide", "upcast")


class Handlers:
    """Reads signatures; the shapes that they mention are added to `shapes`, and so are the mistakes."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.ports: set[type[Any]] = set()

    def handler(self, recorded: Recorded, parameters: Iterable[ann.Parameter]) -> HandlerModel:
        arguments: list[ArgumentModel] = []
        dependencies: list[DependencyModel] = []
        page: str | None = None
        for each in parameters:
            if each.annotation is None:
                continue
            if each.kind == "dependency":
                dependency = self.dependency(each, recorded)
                if dependency:
                    dependencies.append(dependency)
            elif each.annotation is Page:
                page = each.name
            elif each.kind == "argument" and recorded.kind not in ASKED_BY_NOBODY:
                ref = self.shapes.type_ref(each.annotation, recorded, Part("parameter", each.name), GIVEN)
                if ref:
                    arguments.append(_argument(each, ref))
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
        if recorded.kind not in MAY_WAIT_FOR_NOTHING and not inspect.iscoroutinefunction(function):
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
                message = f"parameter `{parameter.name}` has no annotation"
                self.shapes.report("S0101", message, recorded, at, "Give it a type.")
                annotation = None
            else:
                annotation = self.shapes.resolve(parameter.annotation, function.__globals__, recorded, at)
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            found.append(ann.Parameter(parameter.name, kinds[parameter.kind], annotation, default))
        self.positional(recorded, found)
        return found

    def positional(self, recorded: Recorded, parameters: Sequence[ann.Parameter]) -> None:
        """What stands before the `*` is handed over, or asked of the client, or nobody's to give."""
        given = [each for each in parameters if each.kind == "given"]
        word = WORDS[recorded.kind]
        handed, help = 1, "Only the first parameter stands before the `/`."
        if recorded.kind in HANDED_NOTHING:
            handed, help = 0, "Delete the `/`: its arguments are given by name."
        for each in given[handed:]:
            message = f"nothing hands `{each.name}` to a {word}"
            self.shapes.report("S0703", message, recorded, Part("parameter", each.name), help)
        if (word in ("consumer", "hook") and given) or recorded.kind in ASKED_BY_NOBODY:
            for each in parameters:
                if each.kind == "argument":
                    message = f"nobody gives the argument `{each.name}` to a {word}"
                    help = "Read it from what is handed over, or take a dependency behind `*`."
                    if recorded.kind in HANDED_NOTHING:
                        help = f"Write `*` before it: `(*, {each.name}: ...)`."
                    self.shapes.report("S0703", message, recorded, Part("parameter", each.name), help)

    def returns(self, recorded: Recorded) -> TypeRef | None:
        annotation = inspect.signature(recorded.function).return_annotation
        at = Part("returns")
        if annotation is inspect.Signature.empty:
            self.shapes.report(
                "S0101",
                f"`{recorded.function.__name__}` says no return type",
                recorded,
                Part("name"),
                "Add `-> ...`.",
            )
            return None
        resolved = self.shapes.resolve(annotation, recorded.function.__globals__, recorded, at)
        return None if resolved is None else self.shapes.type_ref(resolved, recorded, at, ANSWERED)

    def dependency(self, parameter: ann.Parameter, recorded: Recorded) -> DependencyModel | None:
        annotation, at = parameter.annotation, Part("parameter", parameter.name)
        inner, metadata = ann.strip(annotation)
        for mark in metadata:
            if isinstance(mark, SecretMark) and inner is Secret:
                place = SecretModel(mark.name, mark.manager)
                return DependencyModel(parameter.name, Capability.SECRET, secret=place)
            if isinstance(mark, RequiresMark):
                ref = self.shapes.type_ref(inner, recorded, at, ANSWERED)
                return DependencyModel(parameter.name, Capability.REQUIRES, requires=ref) if ref else None
        generic = get_origin(inner) or inner
        if isinstance(generic, type) and generic in BLOB_CAPABILITIES:
            return self.blobs(parameter, inner, recorded, at)
        capability = ROW_CAPABILITIES.get(generic) if isinstance(generic, type) else None
        if capability is None:
            return self.plain(parameter, inner, recorded, at)
        first, *rest = get_args(inner) or (None,)
        entities = ann.members(first)
        if not all(ann.is_declared(each, Entity) for each in entities):
            name = generic.__name__
            help = f"Its first argument is an Entity of this service: `{name}[Todo]`."
            self.shapes.report("S0702", f"`{name}` is not of an entity", recorded, at, help)
            return None
        for each in entities:
            self.shapes.shape(each)
        names = tuple(each.__name__ for each in entities)
        if capability is Capability.COLLECTION:
            return DependencyModel(parameter.name, capability, entities=names)
        emits: list[str] = []
        sends: list[str] = []
        says: list[type[Any]] = []
        for each in ann.members(rest[0]) if rest else ():
            if each is Never:
                continue
            model = self.leaving(each, recorded, at)
            if model:
                says.append(each)
            if isinstance(model, EventModel):
                emits.append(model.name)
            elif model:
                sends.append(model.address)
        return DependencyModel(
            parameter.name, capability, names[0], tuple(emits), tuple(sends), says=tuple(says)
        )

    def blobs(
        self, parameter: ann.Parameter, asked: Any, recorded: Recorded, at: Part
    ) -> DependencyModel | None:
        """A dependency that is of a bucket."""
        generic = get_origin(asked) or asked
        of: Any = next(iter(get_args(asked)), None)
        if not ann.is_declared(of, Bucket):
            name = generic.__name__
            help = f"Its argument is a Bucket of this service: `{name}[X]`."
            self.shapes.report("S0702", f"`{name}` is not of a bucket", recorded, at, help)
            return None
        self.shapes.shape(of)
        bucket: BucketModel = self.shapes.models[of]
        return DependencyModel(parameter.name, BLOB_CAPABILITIES[generic], bucket=bucket.name)

    def plain(
        self, parameter: ann.Parameter, asked: Any, recorded: Recorded, at: Part
    ) -> DependencyModel | None:
        """A dependency that is of no entity: the framework's, or a port of the service's own."""
        plain = PLAIN_CAPABILITIES.get(asked) if isinstance(asked, type) else None
        if plain:
            return DependencyModel(parameter.name, plain)
        if isinstance(asked, type) and asked in self.ports:
            return DependencyModel(parameter.name, Capability.PORT, port=asked.__name__)
        ours = (*ROW_CAPABILITIES, *BLOB_CAPABILITIES, *PLAIN_CAPABILITIES)
        known = [each.__name__ for each in (*ours, *self.ports)]
        name = getattr(asked, "__name__", reprlib.repr(asked))
        help = nearest(name, known)
        if isinstance(asked, type) and is_ports(asked):
            made = f"def {asked.__name__.lower()}() -> {asked.__name__}: ..."
            help = f"Write `@service.provide()` over `{made}`."
        if asked is Secret:
            help = f'Say where it is kept: `{parameter.name}: Annotated[Secret, parameter("...")]`.'
        self.shapes.report("S0702", f"nothing provides `{name}`", recorded, at, help)
        return None

    def provider(self, recorded: Recorded) -> ProviderModel | None:
        """What makes a port of the service's own."""
        provided = self.port(recorded)
        if provided is None:
            return None
        handler = self.handler(recorded, self.parameters(recorded))
        permissions = tuple(recorded.options.get("permissions", ()))
        return ProviderModel(
            provided.__name__, provided, handler.function, handler.dependencies, permissions, recorded.site
        )

    def port(self, recorded: Recorded) -> type[Any] | None:
        """The class that a provider makes."""
        annotation = inspect.signature(recorded.function).return_annotation
        name, at = recorded.function.__name__, Part("returns")
        if annotation is inspect.Signature.empty:
            self.shapes.report(
                "S0101",
                f"`{name}` says no return type",
                recorded,
                Part("name"),
                "Add `-> ...`.",
            )
            return None
        scope = recorded.function.__globals__
        made = self.shapes.resolve(annotation, scope, recorded, at)
        if made is not None and not isinstance(made, type):
            message = f"`{name}` provides no class"
            self.shapes.report("S0703", message, recorded, at, "Answer a class or a Protocol: `-> Payments`.")
            return None
        return made

    def leaving(self, shape: Any, recorded: Recorded, at: Part) -> EventModel | MessageModel | None:
        """The event or message that a handler may emit, or None with a diagnostic."""
        if ann.is_declared(shape, Event, Message, ForeignMessage):
            self.shapes.shape(shape)
            model: EventModel | MessageModel = self.shapes.models[shape]
            return model
        name = getattr(shape, "__name__", reprlib.repr(shape))
        message = f"`{name}` can't be emitted: it is neither an event nor a message"
        help = "Declare it as `class X(Event, name=..., version=1)`, or delete it here."
        if ann.is_declared(shape, ForeignEvent):
            source = vars(shape)["__declared__"].keywords.get("source")
            message = f"`{name}` is an event of another service: only `{source}` may emit it"
            help = "Emit an event of this service: `class X(Event, name=..., version=1)`; or delete it here."
        self.shapes.report("S0601", message, recorded, at, help)
        return None


def is_ports(asked: type[Any]) -> bool:
    """Whether a class can be a port of a service's own: one that somebody else than the framework wrote."""
    return not asked.__module__.startswith(("builtins", "thestack.", "typing", "datetime", "decimal", "uuid"))


def _argument(parameter: ann.Parameter, ref: TypeRef) -> ArgumentModel:
    metadata = ann.strip(parameter.annotation)[1]
    described = (each.description for each in metadata if isinstance(each, FieldInfo) and each.description)
    return ArgumentModel(
        parameter.name,
        camel(parameter.name),
        ref,
        parameter.default,
        parameter.annotation,
        ann.constrained(parameter.annotation) or ref.named.kind is Kind.INPUT,
        next(described, ""),
        tuple(each for each in metadata if isinstance(each, Directive)),
    )
