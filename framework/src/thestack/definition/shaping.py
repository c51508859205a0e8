"""Models the shapes of a definition: entities, foreign entities, events, messages, inputs and enums."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic.fields import FieldInfo

from thestack.definition import annotations as ann
from thestack.definition.buckets import Bucket, ObjectCreated
from thestack.definition.conditions import Filter, OneOf, Range
from thestack.definition.directives import Directive
from thestack.definition.model import (
    AwsEventModel,
    EnumModel,
    FieldModel,
    InputModel,
    Kind,
    ProblemModel,
    ScalarModel,
    TypeRef,
    UnionModel,
    ValueModel,
)
from thestack.definition.modelling import (
    aws_event_model,
    bucket_model,
    doc_of,
    entity_model,
    event_model,
    foreign_model,
    interface_model,
    message_model,
    object_created_model,
    value_model,
)
from thestack.definition.positions import GIVEN, SAID, STORED, Position
from thestack.definition.problems import Problem
from thestack.definition.rules import Visible
from thestack.definition.scalars import ScalarMark
from thestack.definition.shapes import (
    AwsEvent,
    Declared,
    Entity,
    Event,
    Foreign,
    ForeignEvent,
    ForeignMessage,
    Input,
    Interface,
    Message,
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
    ObjectCreated: frozenset({"bucket", "area"}),
    AwsEvent: frozenset({"source", "detail_type", "pattern"}),
    Message: frozenset({"queue", "version", "group", "delay"}),
    ForeignMessage: frozenset({"queue", "service", "version", "group"}),
    Input: frozenset({"directives"}),
    Interface: frozenset({"refs", "directives"}),
    Value: frozenset({"directives"}),
    Bucket: frozenset({"name", "browser", "versioned", "expires"}),
}
REQUIRED = frozenset({"area", "bucket", "name", "queue", "service", "source", "detail_type"})


class Shapes:
    """The shapes of one service, modelled as they are met; `diagnostics` are the mistakes in them."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.diagnostics: list[Diagnostic] = []
        self.evaluated: dict[tuple[str, int], Any] = {}
        self.models: dict[Any, Any] = {}
        self.enums: dict[type[Any], EnumModel] = {}
        self.unions: dict[str, UnionModel] = {}
        self.problems: dict[type[Any], ProblemModel] = {}
        self.scalars: dict[str, ScalarModel] = {}

    def found(self, kind: type[Any], where: Callable[[Any], bool] = lambda _: True) -> tuple[Any, ...]:
        chosen = [shape for shape in self.models.values() if isinstance(shape, kind) and where(shape)]
        return tuple(sorted((each for each in chosen if "[" not in each.name), key=lambda each: each.name))

    def report(self, code: str, message: str, declared: Any, part: Part, help: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, declared.site, part, help))

    def resolve(self, annotation: Any, scope: Mapping[str, Any], at: Any, part: Part) -> Any:
        """The evaluated annotation, or None with a diagnostic: the type None is NoneType."""
        key = (annotation, id(scope))
        if isinstance(annotation, str) and key in self.evaluated:
            return self.evaluated[key]
        try:
            evaluated = ann.evaluate(annotation, scope)
        except ann.Unresolved as missing:
            types = [name for name, value in scope.items() if not inspect.isroutine(value)]
            known = [*types, *(each.__name__ for each in ann.SCALARS)]
            self.report("S0101", f"`{missing}` is not defined", at, part, remedy(str(missing), known))
            return None
        except ann.Unmappable as wrong:
            self.report("S0102", str(wrong), at, part, wrong.help)
            return None
        if isinstance(annotation, str):
            self.evaluated[key] = evaluated
        return evaluated

    def type_ref(self, annotation: Any, at: Any, part: Part, position: Position) -> TypeRef | None:
        """The type, with the shapes and enums that it leads to collected on the way."""
        try:
            ref = ann.type_ref(annotation)
        except ann.Unmappable as wrong:
            self.report("S0102", str(wrong), at, part, wrong.help)
            return None
        refusal = position.refusal(ref)
        if refusal:
            self.report("S0102", refusal, at, part, position.help)
            return None
        for mark in ann.marks(annotation, ScalarMark):
            self.scalar(mark)
        if position is GIVEN and ref.named.kind is Kind.VALUE:
            self.given_value(ref.named.python)
            return ann.as_input(ref)
        self.collect(ref)
        return ref

    def collect(self, ref: TypeRef) -> None:
        target = ref.named.python
        match ref.named.kind:
            case Kind.ENUM:
                values = tuple(target.__members__)
                self.enums.setdefault(target, EnumModel(target.__name__, values, target, doc_of(target)))
            case Kind.UNION:
                self.union(ref.named.name, ann.members(target))
            case Kind.SCALAR | Kind.PROBLEM:
                pass
            case _:
                self.shape(target)

    def union(self, name: str, members: tuple[Any, ...]) -> None:
        """A union, with its members."""
        given = tuple(each for each in members if each is not type(None))
        for each in given:
            if issubclass(each, Problem):
                shared = each.__module__.startswith("thestack.")
                model = ProblemModel(each.__name__, each.code, each, shared, doc_of(each))
                self.problems.setdefault(each, model)
            else:
                self.shape(each)
        names = tuple(sorted({ann.graphql_name(each) for each in given}))
        self.unions.setdefault(name, UnionModel(name, names, given))

    def scalar(self, mark: ScalarMark[Any]) -> None:
        """A scalar of the service's own."""
        model = ScalarModel(mark.name, mark.parse, mark.serialize, mark.specified_by, mark.description)
        self.scalars.setdefault(mark.name, model)

    def shape(self, shape: type[Any]) -> None:
        """Model a shape once, and everything that its fields lead to."""
        if shape in self.models or shape in (*KEYWORDS, Patch, Filter, OneOf, Range):
            return
        self.models[shape] = None
        if is_event_filter(shape):
            return
        declared: Declared = shape.__declared__
        root = next((base for base in KEYWORDS if issubclass(shape, base)), None)
        if root:
            self.keywords(declared, root, needed=not is_view(shape))
        if issubclass(shape, AwsEvent):
            self.models[shape] = self.aws_event(shape, declared)
            self.said_by_aws(shape, declared)
            return
        fields = self.condition(shape) if ann.is_condition(shape) else self.fields(shape, declared)
        if issubclass(shape, Entity):
            self.models[shape] = entity_model(shape, declared, fields)
            for base in shape.__mro__[1:]:
                if ann.is_declared(base, Interface):
                    self.shape(base)
        elif issubclass(shape, Foreign):
            for base in shape.__mro__[1:]:
                if ann.is_declared(base, Foreign):
                    self.shape(base)
            self.models[shape] = foreign_model(shape, declared, self.external(shape, fields))
        elif issubclass(shape, Event | ForeignEvent):
            self.models[shape] = event_model(shape, declared, fields, self.service)
        elif issubclass(shape, Message | ForeignMessage):
            self.models[shape] = message_model(shape, declared, fields, self.service)
        elif issubclass(shape, Interface):
            self.models[shape] = interface_model(shape, declared, fields)
        elif issubclass(shape, Value):
            self.models[shape] = value_model(shape, declared, fields)
            for base in shape.__mro__[1:]:
                if ann.is_declared(base, Interface):
                    self.shape(base)
        elif issubclass(shape, Bucket):
            self.models[shape] = bucket_model(shape, declared)
        elif issubclass(shape, Input):
            self.models[shape] = self.input(shape, declared, fields)

    def external(self, shape: type[Any], fields: tuple[FieldModel, ...]) -> tuple[FieldModel, ...]:
        """The fields of a foreign entity: those that a view adds, another subgraph resolves."""
        name = ann.graphql_name(shape)
        if shape.__name__ == name:
            return fields
        root = next(base for base in shape.__mro__ if base.__name__ == name)
        own = {field.name for field in self.models[root].fields} if self.models.get(root) else set[str]()
        return tuple(field if field.name in own else replace(field, external=True) for field in fields)

    def input(self, shape: type[Any], declared: Declared, fields: tuple[FieldModel, ...]) -> InputModel:
        patched, filtered = ann.argument_of(shape, Patch), ann.argument_of(shape, Filter)
        for generic, target, bases in (
            (Patch, patched, (Entity,)),
            (Filter, filtered, (Entity, Event, ForeignEvent)),
        ):
            if issubclass(shape, generic) and not (isinstance(target, type) and issubclass(target, bases)):
                word = generic.__name__
                message = f"`{shape.__name__}` is a {word} of no entity"
                help = f"Name the entity: `class {shape.__name__}({word}[Todo])`."
                self.report("S0104", message, declared, Part(), help)
        return InputModel(
            ann.type_ref(shape).name,
            fields,
            getattr(patched, "__name__", None),
            getattr(filtered, "__name__", None),
            shape,
            declared.site,
            "" if ann.is_condition(shape) else doc_of(shape),
            tuple(declared.keywords.get("directives", ())),
        )

    def given_value(self, value: type[Any]) -> None:
        """The input in which a client gives a value: the same fields, by another name."""
        key = (value, "input")
        if key in self.models:
            return
        self.models[key] = None
        self.shape(value)
        model: ValueModel = self.models[value]
        for field in model.fields:
            if field.type.named.kind is Kind.VALUE:
                self.given_value(field.type.named.python)
        fields = tuple(replace(field, type=ann.as_input(field.type), directives=()) for field in model.fields)
        self.models[key] = InputModel(
            f"{model.name}Input", fields, None, None, value, model.site, model.description
        )

    def keywords(self, declared: Declared, root: type[Shape], *, needed: bool = True) -> None:
        allowed = KEYWORDS[root]
        for name in declared.keywords:
            if name not in allowed:
                help = nearest(name, allowed)
                help = help if help.startswith("Did") else f"Delete it. {help}"
                self.report(
                    "S0103", f"{root.__name__} has no keyword `{name}`", declared, Part("keyword", name), help
                )
        required = allowed & REQUIRED if needed else frozenset[str]()
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
            metadata = ann.strip(annotation)[1]
            found.append(
                FieldModel(
                    name,
                    camel(name),
                    ref,
                    default,
                    text,
                    ann.is_counter(annotation),
                    tuple(each for each in metadata if isinstance(each, Directive)),
                    next((each.rule for each in metadata if isinstance(each, Visible)), None),
                )
            )
        return tuple(found)

    def aws_event(self, shape: type[Any], declared: Declared) -> AwsEventModel:
        """What AWS says: of a bucket of the service, or by the names that are written down."""
        bucket = declared.keywords.get("bucket")
        if not issubclass(shape, ObjectCreated) or bucket is None:
            return aws_event_model(shape, declared)
        self.shape(bucket)
        return object_created_model(shape, declared, self.service)

    def said_by_aws(self, shape: type[Any], at: Declared) -> None:
        """Resolve the fields of what AWS says, which are of any type: GraphQL knows nothing of them."""
        scope = ann.module_scope(shape)
        for name, raw in ann.own_annotations(shape, Shape).items():
            self.resolve(raw, scope, at, Part("field", name))

    def condition(self, shape: type[Any]) -> tuple[FieldModel, ...]:
        """The fields of a condition of filters."""
        argument = ann.argument_of(shape, OneOf) or ann.argument_of(shape, Range) or str
        each = ann.type_ref(argument)
        self.collect(each)
        one = TypeRef(each.name, each.kind, True, python=each.python)
        many = TypeRef("", each.kind, True, each, list)
        names: Mapping[str, Any] = shape.__pydantic_fields__
        return tuple(FieldModel(name, camel(name), many if name == "any_of" else one, None) for name in names)


def is_event_filter(shape: type[Any]) -> bool:
    """Whether this is a filter of events: a consumer's own, which GraphQL knows nothing of."""
    filtered: Any = ann.argument_of(shape, Filter) if issubclass(shape, Filter) else None
    return isinstance(filtered, type) and issubclass(filtered, Event | ForeignEvent)


def position_of(shape: type[Any]) -> Position:
    """Where the fields of a shape stand."""
    if issubclass(shape, Input):
        return GIVEN
    return STORED if issubclass(shape, Entity | Foreign | Value | Interface) else SAID


def is_view(shape: type[Any]) -> bool:
    """Whether the class is a view of a foreign entity that is declared above it."""
    return issubclass(shape, Foreign) and ann.graphql_name(shape) != shape.__name__
