"""From Python annotations to the types of the model."""

import inspect
import reprlib
import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from thestack.definition.buckets import Bucket
from thestack.definition.conditions import OneOf, Range, Text
from thestack.definition.directives import Directive
from thestack.definition.model import Kind, TypeRef
from thestack.definition.pages import Connection
from thestack.definition.problems import Problem
from thestack.definition.rules import Visible
from thestack.definition.scalars import CounterMark, Cursor, Id, ScalarMark, Unset
from thestack.definition.shapes import Entity, Foreign, Input, Interface, Shape, Value
from thestack.definition.unions import UnionMark

CHECKS_NOTHING = (CounterMark, Directive, UnionMark, Visible)
"""Metadata of annotations that says nothing of which values there may be."""
OWN = (Shape.__module__, OneOf.__module__, Bucket.__module__)
"""The modules of the classes that users' own are made from."""
DECLARED: Mapping[type[Any], Kind] = {
    Enum: Kind.ENUM,
    Entity: Kind.ENTITY,
    Foreign: Kind.FOREIGN,
    Input: Kind.INPUT,
    Value: Kind.VALUE,
    Interface: Kind.INTERFACE,
    Problem: Kind.PROBLEM,
}
UNITED = (Entity, Foreign, Value, Problem)
CONNECTED = (Kind.ENTITY, Kind.FOREIGN, Kind.VALUE, Kind.INTERFACE)
SCALARS: Mapping[Any, str] = {
    Id: "ID",
    Cursor: "String",
    str: "String",
    int: "Int",
    float: "Float",
    bool: "Boolean",
    datetime: "DateTime",
    date: "Date",
}


class Unresolved(Exception):
    """An annotation names something that does not exist; the message is the name."""


class Unmappable(Exception):
    """A type has no counterpart in the language; the message says which, and `help` what would do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a handler, with its annotation evaluated: None where it does not resolve."""

    name: str
    kind: str
    annotation: Any
    default: Any


def evaluate(annotation: Any, scope: Mapping[str, Any]) -> Any:
    """The type that an annotation means, where it or a part of it is still text; NoneType for None.

    Raises `Unresolved` and `Unmappable`.
    """
    written = SimpleNamespace(__annotations__={"it": annotation})
    try:
        # A namespace of its own keeps typing from remembering another module's class of the same name.
        return get_type_hints(written, dict(scope), {}, include_extras=True)["it"]
    except NameError as missing:
        raise Unresolved(missing.name or annotation) from None
    except Exception as wrong:  # whatever the user's own expression raises
        raise Unmappable(f"`{annotation}` is no type: {wrong}", "Name a type.") from None


def module_scope(owner: Any) -> Mapping[str, Any]:
    """The names that an annotation of this class may use."""
    module = sys.modules.get(owner.__module__)
    return vars(module) if module else {}


def own_annotations(shape: type[Any], root: type[Any]) -> dict[str, Any]:
    """The annotations of a shape and of the user's classes above it, up to the framework's `root`."""
    found: dict[str, Any] = {}
    for base in reversed(shape.__mro__):
        is_own = issubclass(base, root) and not base.__module__.startswith("thestack.")
        if is_own and not is_parametrised(base):
            found.update(inspect.get_annotations(base))
    return {
        name: value for name, value in found.items() if not name.startswith("_") and name != "model_config"
    }


def strip(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The annotated type, and its Annotated metadata."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return inner, tuple(metadata)
    return annotation, ()


def members(annotation: Any) -> tuple[Any, ...]:
    """The members of a union; a single type is a union of one."""
    inner, _ = strip(annotation)
    if get_origin(inner) in (Union, types.UnionType):
        return tuple(member for part in get_args(inner) for member in members(part))
    return (inner,)


def marks(annotation: Any, *kinds: type[Any]) -> list[Any]:
    """The metadata of these kinds anywhere in an annotation."""
    inner, metadata = strip(annotation)
    found = [mark for mark in metadata if isinstance(mark, kinds)]
    return found + [mark for part in get_args(inner) for mark in marks(part, *kinds)]


def is_counter(annotation: Any) -> bool:
    """Whether the annotation is `Counter`."""
    return any(isinstance(mark, CounterMark) for mark in strip(annotation)[1])


def constrained(annotation: Any) -> bool:
    """Whether pydantic has something to check beyond what GraphQL checks."""
    inner, metadata = strip(annotation)
    if not all(isinstance(mark, CHECKS_NOTHING) for mark in metadata):
        return True
    return any(constrained(part) for part in get_args(inner))


def is_parametrised(shape: type[Any]) -> bool:
    """Whether the class is one that pydantic made for brackets: `Patch[Todo]`."""
    return "[" in shape.__name__


def is_declared(shape: Any, *bases: type[Any]) -> bool:
    """Whether this is a class of the user's, of one of the bases: not `Entity` or `Patch[Todo]` itself."""
    if not isinstance(shape, type) or not issubclass(shape, bases or object):
        return False
    return shape.__module__ not in OWN and not is_parametrised(shape)


def argument_of(shape: type[Any], generic: type[Any]) -> Any:
    """`Todo`, of a subclass of `Patch[Todo]`; None if it was left open."""
    for base in shape.__mro__:
        meta: Any = getattr(base, "__pydantic_generic_metadata__", None)
        if meta and meta["origin"] is generic and meta["args"]:
            return meta["args"][0]
    return None


def type_ref(annotation: Any) -> TypeRef:
    """The GraphQL type of an evaluated annotation. Raises `Unmappable`."""
    inner, metadata = strip(annotation)
    for mark in metadata:
        if isinstance(mark, UnionMark):
            return _union(mark.name, inner)
        if isinstance(mark, ScalarMark):
            return _optional_scalar(mark.name, inner)
    if get_origin(inner) in (Union, types.UnionType):
        return _optional(get_args(inner))
    origin, arguments = get_origin(inner), get_args(inner)
    if arguments and (origin in (list, Sequence) or (origin is tuple and arguments[1:] == (...,))):
        item = type_ref(arguments[0])
        if item.kind is Kind.CONNECTION:
            raise Unmappable("a list of connections has no counterpart", "Answer one `Connection`.")
        return TypeRef("", item.named.kind, False, item, inner)
    if origin is Connection:
        return _connection(arguments[0])
    named = _scalar(inner) or (_declared(inner) if isinstance(inner, type) else None)
    if named is None:
        name = "None" if inner is type(None) else getattr(inner, "__name__", reprlib.repr(inner))
        help = "Use a scalar, an enum, a shape of the service or a list of these."
        raise Unmappable(f"`{name}` has no GraphQL counterpart", help)
    return named


def _optional(parts: Sequence[Any]) -> TypeRef:
    given = _given(parts)
    if len(given) != 1:
        names = " | ".join(getattr(each, "__name__", str(each)) for each in given) or "None"
        if given and all(is_declared(each, *UNITED) for each in given):
            message = f"a union of {len(given)} types needs a name"
            raise Unmappable(message, f'Write `Annotated[{names}, union("...")]`, or name one type.')
        raise Unmappable(f"`{names}` is no one type", "Name one type, or one `| None`.")
    ref = type_ref(given[0])
    if ref.kind is Kind.CONNECTION:
        raise Unmappable("a `Connection` is never null", "Delete the `| None`: it may have no edges.")
    return TypeRef(ref.name, ref.kind, True, ref.item, ref.python)


def _given(parts: Sequence[Any]) -> list[Any]:
    """The members of a union that are values."""
    return [part for part in parts if part is not type(None) and part is not Unset]


def _optional_scalar(name: str, inner: Any) -> TypeRef:
    parts = members(inner)
    given = _given(parts)
    return TypeRef(name, Kind.SCALAR, len(given) < len(parts), python=given[0] if len(given) == 1 else inner)


def _union(name: str, inner: Any) -> TypeRef:
    parts = members(inner)
    for part in _given(parts):
        if not is_declared(part, *UNITED):
            shown = getattr(part, "__name__", reprlib.repr(part))
            help = "Name objects only: entities, values, problems."
            raise Unmappable(f"`{shown}` can't be in a union", help)
    return TypeRef(name, Kind.UNION, len(_given(parts)) < len(parts), python=inner)


def _connection(node: Any) -> TypeRef:
    ref = type_ref(node)
    if ref.item or ref.nullable or ref.kind not in CONNECTED:
        raise Unmappable("a `Connection` is of objects", "Name an entity or a value: `Connection[...]`.")
    return TypeRef(f"{ref.name}Connection", Kind.CONNECTION, False, None, ref.python)


def _scalar(annotation: Any) -> TypeRef | None:
    try:
        return TypeRef(SCALARS[annotation], Kind.SCALAR, python=annotation)
    except (KeyError, TypeError):  # no scalar, or nothing that can be looked up
        return None


def _declared(shape: type[Any]) -> TypeRef | None:
    if is_condition(shape):
        return TypeRef(_condition(shape), Kind.INPUT, python=shape)
    if not is_declared(shape):
        return None
    kind = next((kind for base, kind in DECLARED.items() if issubclass(shape, base)), None)
    return TypeRef(graphql_name(shape), kind, python=shape) if kind else None


def is_condition(shape: Any) -> bool:
    """Whether the class is a condition of filters, of a type: `OneOf[Status]`, `Range[int]`, `Text`."""
    if not isinstance(shape, type):
        return False
    return shape is Text or any(
        issubclass(shape, each) and argument_of(shape, each) is not None for each in (OneOf, Range)
    )


def _condition(shape: type[Any]) -> str:
    if shape is Text:
        return "TextCondition"
    generic = OneOf if issubclass(shape, OneOf) else Range
    return f"{type_ref(argument_of(shape, generic)).name}{generic.__name__}"


def graphql_name(shape: type[Any]) -> str:
    """The GraphQL type of a class: its name; of a view of a foreign entity, the name of that."""
    if not issubclass(shape, Foreign):
        return shape.__name__
    return next(base.__name__ for base in reversed(shape.__mro__) if is_declared(base, Foreign))


def as_input(ref: TypeRef) -> TypeRef:
    """The type in which a client gives what a type says: an input for a value, everything else as it is."""
    if ref.item:
        return replace(ref, item=as_input(ref.item), kind=as_input(ref.item).named.kind)
    return replace(ref, name=f"{ref.name}Input", kind=Kind.INPUT) if ref.kind is Kind.VALUE else ref
