"""Models the shapes of a definition: entities, foreign entities, events, messages, inputs and enums."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from thestack.definition import annotations as ann
from thestack.definition.indexes import Index, Key
from thestack.definition.model import (
    EntityModel,
    EnumModel,
    EventModel,
    FieldModel,
    ForeignModel,
    IndexModel,
    InputModel,
    Kind,
    MessageModel,
    TypeRef,
)
from thestack.definition.positions import GIVEN, SAID, STORED, Position
from thestack.definition.rules import Denied, Owner, Rule, owner
from thestack.definition.shapes import (
    Declared,
    Entity,
    Event,
    Filter,
    Foreign,
    ForeignEvent,
    ForeignMessage,
    Input,
    Interface,
    Message,
    OneOf,
    Patch,
    Shape,
    Value,
    camel,
)
from thestack.definition.vocabulary import remedy
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest

KEYWORDS: Mapping[type[Shape], frozenset[str]] = {
    Entity: frozenset(
        {"key", "owner", "refs", "allow", "unique", "expires", "soft_delete", "beside", "directives"}
    ),
    Foreign: frozenset({"service", "key", "refs", "interface_object", "directives"}),
    Event: frozenset({"name", "version"}),
    ForeignEvent: frozenset({"name", "version", "source"}),
    Message: frozenset({"queue", "version", "group", "delay"}),
    ForeignMessage: frozenset({"queue", "service", "version", "group"}),
    Input: frozenset({"directives"}),
    Interface: frozenset({"directives"}),
    Value: frozenset({"directives"}),
}
REQUIRED = frozenset({"name", "queue", "service", "source"})


class Shapes:
    """The shapes of one service, modelled as they are met; `diagnostics` are the mistakes in them."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.diagnostics: list[Diagnostic] = []
        self.models: dict[type[Any], Any] = {}
        self.enums: dict[type[Any], EnumModel] = {}

    def found(self, kind: type[Any], where: Callable[[Any], bool] = lambda _: True) -> tuple[Any, ...]:
        chosen = [shape for shape in self.models.values() if isinstance(shape, kind) and where(shape)]
        return tuple(
            sorted((shape for shape in chosen if "[" not in shape.name), key=lambda shape: shape.name)
        )

    def report(self, code: str, message: str, declared: Any, part: Part, help: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, declared.site, part, help))

    def resolve(self, annotation: Any, scope: Mapping[str, Any], at: Any, part: Part) -> Any:
        """The evaluated annotation, or None with a diagnostic: the type None is NoneType."""
        try:
            return ann.evaluate(annotation, scope)
        except ann.Unresolved as missing:
            known = [*scope, *(each.__name__ for each in ann.SCALARS)]
            self.report("S0101", f"`{missing}` is not defined", at, part, remedy(str(missing), known))
        except ann.Unmappable as wrong:
            self.report("S0102", str(wrong), at, part)
        return None

    def type_ref(self, annotation: Any, at: Any, part: Part, position: Position) -> TypeRef | None:
        """The type, with the shapes and enums that it leads to collected on the way."""
        try:
            ref = ann.type_ref(annotation)
        except ann.Unmappable as wrong:
            self.report("S0102", str(wrong), at, part)
            return None
        refusal = position.refusal(ref)
        if refusal:
            self.report("S0102", refusal, at, part, position.help)
            return None
        self.collect(ref)
        return ref

    def collect(self, ref: TypeRef) -> None:
        target = ref.named.python
        if ref.named.kind is Kind.ENUM:
            values = tuple(target.__members__)
            self.enums.setdefault(target, EnumModel(target.__name__, values, target, doc_of(target)))
        elif ref.named.kind in (Kind.ENTITY, Kind.FOREIGN, Kind.INPUT, Kind.CONNECTION):
            self.shape(target)

    def shape(self, shape: type[Any]) -> None:
        """Model a shape once, and everything that its fields lead to."""
        if shape in self.models or shape in (*KEYWORDS, Patch, Filter, OneOf):
            return
        self.models[shape] = None
        declared: Declared = shape.__declared__
        root = next((base for base in KEYWORDS if issubclass(shape, base)), None)
        if root:
            self.keywords(declared, root)
        fields = self.one_of(shape) if issubclass(shape, OneOf) else self.fields(shape, declared)
        keywords = declared.keywords
        self.models[shape] = None
        if issubclass(shape, Entity):
            self.models[shape] = self.entity(shape, declared, fields)
        elif issubclass(shape, Foreign):
            key = key_fields(keywords.get("key", "id"))
            service = str(keywords.get("service", ""))
            self.models[shape] = ForeignModel(shape.__name__, service, key, fields, shape, declared.site)
        elif issubclass(shape, Event | ForeignEvent):
            name, version = str(keywords.get("name", "")), int(keywords.get("version", 1))
            source = str(keywords.get("source", self.service))
            doc = doc_of(shape)
            self.models[shape] = EventModel(name, version, source, fields, shape, declared.site, doc)
        elif issubclass(shape, Message | ForeignMessage):
            queue, to = str(keywords.get("queue", "")), str(keywords.get("service", self.service))
            doc = doc_of(shape)
            self.models[shape] = MessageModel(shape.__name__, to, queue, fields, shape, declared.site, doc)
        elif issubclass(shape, Input):
            patched, filtered = ann.argument_of(shape, Patch), ann.argument_of(shape, Filter)
            for generic, entity in ((Patch, patched), (Filter, filtered)):
                if issubclass(shape, generic) and not (
                    isinstance(entity, type) and issubclass(entity, Entity)
                ):
                    word = generic.__name__
                    message = f"`{shape.__name__}` is a {word} of no entity"
                    help = f"Name the entity: `class {shape.__name__}({word}[Todo])`."
                    self.report("S0104", message, declared, Part(), help)
            name = ann.type_ref(shape).name
            patch_of, filter_of = getattr(patched, "__name__", None), getattr(filtered, "__name__", None)
            self.models[shape] = InputModel(
                name,
                fields,
                patch_of,
                filter_of,
                shape,
                declared.site,
                "" if issubclass(shape, OneOf) else doc_of(shape),
            )

    def keywords(self, declared: Declared, root: type[Shape]) -> None:
        allowed = KEYWORDS[root]
        for name in declared.keywords:
            if name not in allowed:
                help = nearest(name, allowed)
                self.report(
                    "S0103", f"{root.__name__} has no keyword `{name}`", declared, Part("keyword", name), help
                )
        required = allowed & REQUIRED
        for name in sorted(required - set(declared.keywords)):
            self.report(
                "S0103", f"{root.__name__} needs the keyword `{name}`", declared, Part(), f"Add `{name}=...`."
            )

    def fields(self, shape: type[Any], at: Declared) -> tuple[FieldModel, ...]:
        scope, found = ann.module_scope(shape), []
        described: Mapping[str, FieldInfo] = shape.__pydantic_fields__
        for name, raw in ann.own_annotations(shape, Shape).items():
            annotation = self.resolve(raw, scope, at, Part("field", name))
            if annotation is None:
                continue
            ref = self.type_ref(annotation, at, Part("field", name), position_of(shape))
            if ref is None:
                continue
            info = described.get(name)
            default: Any = ...
            if info is not None and not info.is_required():
                default = info.get_default(call_default_factory=True)
            text = (info.description if info else None) or ""
            found.append(FieldModel(name, camel(name), ref, default, text, ann.is_counter(annotation)))
        return tuple(found)

    def one_of(self, shape: type[Any]) -> tuple[FieldModel, ...]:
        each = ann.type_ref(ann.argument_of(shape, OneOf))
        self.collect(each)
        eq = TypeRef(each.name, each.kind, True, python=each.python)
        many = TypeRef("", each.kind, True, each, list)
        return FieldModel("eq", "eq", eq, None), FieldModel("any_of", "anyOf", many, None)

    def entity(self, shape: type[Any], declared: Declared, fields: tuple[FieldModel, ...]) -> EntityModel:
        keywords, name = declared.keywords, shape.__name__
        key = key_fields(keywords.get("key", "id"))
        owner_field: str | None = keywords.get("owner")
        allow: Rule | None = keywords.get("allow") or (owner if owner_field else None)
        refs = tuple(key_fields(ref) for ref in keywords.get("refs", ())) or (key,)
        placed = ((owner_field,) if owner_field else key[:-1], key if owner_field else key[-1:])
        indexes = [
            IndexModel(
                f"{name}.{attribute}",
                attribute,
                value.fields,
                True,
                value.sparse,
                (value.fields[:-1], value.fields[-1:]) == placed,
            )
            for base in reversed(shape.__mro__)
            for attribute, value in vars(base).items()
            if isinstance(value, Index)
        ]
        alone = allow is None or isinstance(allow, Owner) or not owner_field
        by_ref = None if alone else IndexModel(f"{name}.by_ref", "by_ref", key, False, False)
        return EntityModel(
            name,
            key,
            owner_field,
            refs,
            allow or Denied(),
            fields,
            tuple(indexes),
            by_ref,
            shape,
            declared.site,
            doc_of(shape),
        )


def position_of(shape: type[Any]) -> Position:
    """Where the fields of a shape stand."""
    if issubclass(shape, Input):
        return GIVEN
    return STORED if issubclass(shape, Entity | Foreign) else SAID


def key_fields(key: Key | str) -> tuple[str, ...]:
    """The field names of a key as written."""
    return key.fields if isinstance(key, Key) else (key,)


def doc_of(declared: type[Any]) -> str:
    """The docstring of a user's class, not an inherited one."""
    return inspect.cleandoc(declared.__dict__.get("__doc__") or "")
