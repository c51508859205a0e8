"""From Python annotations to the types of the model."""

import inspect
import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin

from thestack.definition.model import Kind, TypeRef
from thestack.definition.pages import Connection
from thestack.definition.scalars import CounterMark, Cursor, Id, Unset
from thestack.definition.shapes import Entity, Foreign, Input, OneOf

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
    """A type has no counterpart in the language; the message says which and what would do."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a handler, with its annotation evaluated."""

    name: str
    kind: str
    annotation: Any
    default: Any


def evaluate(annotation: Any, scope: Mapping[str, Any]) -> Any:
    """The type an annotation means, where it is still text. Raises `Unresolved`."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, dict(scope))  # noqa: S307 - the user's own source, as Python itself would evaluate it
    except NameError as missing:
        raise Unresolved(missing.name or annotation) from None
    except (TypeError, AttributeError, SyntaxError) as wrong:
        raise Unmappable(f"`{annotation}` is no type: {wrong}") from None


def module_scope(owner: Any) -> Mapping[str, Any]:
    """The names that an annotation of this class may use."""
    module = sys.modules.get(owner.__module__)
    return vars(module) if module else {}


def own_annotations(shape: type[Any], root: type[Any]) -> dict[str, Any]:
    """The annotations of a shape and of the user's classes above it, up to the framework's `root`."""
    found: dict[str, Any] = {}
    for base in reversed(shape.__mro__):
        if (
            issubclass(base, root)
            and not base.__module__.startswith("thestack.")
            and "[" not in base.__name__
        ):
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


def is_counter(annotation: Any) -> bool:
    """Whether the annotation is `Counter`."""
    return any(isinstance(mark, CounterMark) for mark in strip(annotation)[1])


def constrained(annotation: Any) -> bool:
    """Whether pydantic has something to check beyond what GraphQL checks."""
    inner, metadata = strip(annotation)
    if metadata and not all(isinstance(mark, CounterMark) for mark in metadata):
        return True
    return any(constrained(part) for part in get_args(inner))


def argument_of(shape: type[Any], generic: type[Any]) -> Any:
    """`Todo`, of a subclass of `Patch[Todo]`; None if it was left open."""
    for base in shape.__mro__:
        meta: Any = getattr(base, "__pydantic_generic_metadata__", None)
        if meta and meta["origin"] is generic and meta["args"]:
            return meta["args"][0]
    return None


def type_ref(annotation: Any) -> TypeRef:
    """The GraphQL type of an evaluated annotation. Raises `Unmappable`."""
    inner, _ = strip(annotation)
    parts = members(inner)
    if len(parts) > 1:
        given = [part for part in parts if part is not type(None) and part is not Unset]
        if len(given) != 1:
            raise Unmappable(
                f"a union of {len(given)} types has no counterpart here; name one type, or one `| None`"
            )
        ref = type_ref(given[0])
        return TypeRef(ref.name, ref.kind, True, ref.item, ref.python)
    origin = get_origin(inner)
    if origin in (list, Sequence, tuple):
        item = type_ref(get_args(inner)[0])
        return TypeRef("", item.named.kind, False, item, inner)
    if origin is Connection:
        node = type_ref(get_args(inner)[0])
        return TypeRef(f"{node.name}Connection", Kind.CONNECTION, False, None, get_args(inner)[0])
    try:
        if inner in SCALARS:
            return TypeRef(SCALARS[inner], Kind.SCALAR, python=inner)
    except TypeError:
        pass
    if isinstance(inner, type):
        for base, kind in ((Enum, Kind.ENUM), (Entity, Kind.ENTITY), (Foreign, Kind.FOREIGN)):
            if issubclass(inner, base):
                return TypeRef(inner.__name__, kind, python=inner)
        if issubclass(inner, OneOf):
            return TypeRef(f"{type_ref(argument_of(inner, OneOf)).name}OneOf", Kind.INPUT, python=inner)
        if issubclass(inner, Input):
            return TypeRef(inner.__name__, Kind.INPUT, python=inner)
    name = getattr(inner, "__name__", str(inner))
    raise Unmappable(
        f"`{name}` has no GraphQL counterpart; use a scalar, an enum, an entity, an Input or a list of these"
    )
