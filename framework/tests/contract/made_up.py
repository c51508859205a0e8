"""Made-up types of fields, and values of them: what hypothesis draws writers and readers from."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import Annotated, Any, Literal, Union
from uuid import UUID

from hypothesis import strategies as st
from pydantic import Field, create_model

from thestack import Event, ForeignEvent, Value, scalar

MEMBERS = ("A", "B", "C")
NAMES = ("a", "b", "c")
Money = Annotated[Decimal, scalar("Money", parse=Decimal, serialize=str)]
PLAIN: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "str": (str, st.text(max_size=5)),
    "int": (int, st.integers(-(10**6), 10**6)),
    "float": (float, st.floats(allow_nan=False, allow_infinity=False)),
    "bool": (bool, st.booleans()),
    "date": (date, st.dates()),
    "datetime": (datetime, st.datetimes()),
    "uuid": (UUID, st.uuids()),
    "decimal": (Decimal, st.decimals(allow_nan=False, allow_infinity=False, places=2)),
    "money": (Money, st.decimals(allow_nan=False, allow_infinity=False, places=2)),
    "any": (Any, st.sampled_from([1, "x", None, [1], {"a": 1}])),
}
_numbers = count()


@dataclass(frozen=True)
class Type:
    """A type: `kind` with what it is made of. `limits` are (least, most), where given."""

    kind: str
    parts: tuple["Type", ...] = ()
    names: tuple[str, ...] = ()
    limits: tuple[int | None, int | None] = (None, None)
    needed: tuple[bool, ...] = ()

    def annotation(self) -> Any:
        """The type in Python."""
        inner = [part.annotation() for part in self.parts]
        least, most = self.limits
        match self.kind:
            case "enum":
                return StrEnum(f"Enum{next(_numbers)}", {name: name for name in self.names})
            case "literal":
                return Literal[self.names]
            case "list":
                return Annotated[list[inner[0]], Field(min_length=least, max_length=most)]
            case "map":
                return dict[str, inner[0]]
            case "tuple":
                return tuple[tuple(inner)]
            case "maybe":
                return inner[0] | None
            case "either":
                return Union[tuple(inner)]  # noqa: UP007
            case "value":
                return self.model(Value)
            case "tagged":
                tagged = [
                    create_model(
                        f"Tagged{next(_numbers)}", __base__=Value, kind=(Literal[name], ...), at=(part, ...)
                    )
                    for name, part in zip(self.names, inner, strict=True)
                ]
                return Annotated[Union[tuple(tagged)], Field(discriminator="kind")]  # noqa: UP007
            case "text":
                return Annotated[str, Field(min_length=least, max_length=most)]
            case "number":
                return Annotated[int, Field(ge=least, lt=most)]
            case _:
                return PLAIN[self.kind][0]

    def model(self, base: Any, **keywords: Any) -> Any:
        """A class with the fields of a value."""
        fields: dict[str, Any] = {}
        for name, part, needed in zip(self.names, self.parts, self.needed, strict=True):
            annotation = part.annotation()
            fields[name] = (annotation, ...) if needed else (annotation | None, None)
        return create_model(f"Made{next(_numbers)}", __base__=base, __cls_kwargs__=keywords or None, **fields)

    def values(self) -> st.SearchStrategy[Any]:
        """Values that a writer gives."""
        least, most = self.limits
        inner = [part.values() for part in self.parts]
        match self.kind:
            case "enum" | "literal":
                return st.sampled_from(self.names)
            case "list":
                return st.lists(inner[0], min_size=least or 0, max_size=3 if most is None else most)
            case "map":
                return st.dictionaries(st.sampled_from([*NAMES, "z"]), inner[0], max_size=2)
            case "tuple":
                return st.tuples(*inner)
            case "maybe":
                return st.none() | inner[0]
            case "either":
                return st.one_of(inner)
            case "value":
                always = {n: v for n, v, needed in zip(self.names, inner, self.needed, strict=True) if needed}
                others = {n: v for n, v in zip(self.names, inner, strict=True) if n not in always}
                return st.fixed_dictionaries(always, optional=others)
            case "tagged":
                return st.one_of(
                    st.fixed_dictionaries({"kind": st.just(name), "at": value})
                    for name, value in zip(self.names, inner, strict=True)
                )
            case "text":
                return st.text(min_size=least or 0, max_size=(least or 0) + 2 if most is None else most)
            case "number":
                return st.integers(least, None if most is None else most - 1)
            case _:
                return PLAIN[self.kind][1]


def writer(shape: Type) -> Any:
    return shape.model(Event, name="made.up", version=1)


def reader(shape: Type, *, strict: bool) -> Any:
    if strict:
        return writer(shape)
    return shape.model(ForeignEvent, name="made.up", version=1, source="other")


def _limits() -> st.SearchStrategy[tuple[int | None, int | None]]:
    pairs = st.tuples(st.none() | st.integers(0, 2), st.none() | st.integers(2, 4))
    return pairs.map(
        lambda pair: (pair[0], max(pair[1], (pair[0] or 0) + 1) if pair[1] is not None else None)
    )


_plain = st.sampled_from(sorted(PLAIN)).map(Type)
_members = st.lists(st.sampled_from(MEMBERS), min_size=1, unique=True).map(lambda each: tuple(sorted(each)))
_leaves = st.one_of(
    _plain,
    _members.map(lambda names: Type("enum", names=names)),
    _members.map(lambda names: Type("literal", names=names)),
    _limits().map(lambda limits: Type("text", limits=limits)),
    _limits().map(lambda limits: Type("number", limits=limits)),
)


@st.composite
def _values(draw: st.DrawFn, parts: st.SearchStrategy[Type]) -> Type:
    names = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)))
    needed = tuple(draw(st.booleans()) for _ in names)
    return Type("value", tuple(draw(parts) for _ in names), names, needed=needed)


@st.composite
def _tagged(draw: st.DrawFn, parts: st.SearchStrategy[Type]) -> Type:
    names = draw(st.lists(st.sampled_from(MEMBERS), min_size=2, unique=True).map(sorted))
    return Type("tagged", tuple(draw(parts) for _ in names), tuple(names))


def _made_of(parts: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    return st.one_of(
        st.tuples(parts, _limits()).map(lambda pair: Type("list", (pair[0],), limits=pair[1])),
        parts.map(lambda part: Type("map", (part,))),
        parts.map(lambda part: Type("maybe", (part,))),
        st.tuples(parts, parts).map(lambda pair: Type("tuple", pair)),
        st.tuples(_leaves, parts).map(lambda pair: Type("either", pair)),
        _values(parts),
        _tagged(parts),
    )


types = st.recursive(_leaves, _made_of, max_leaves=4)


@st.composite
def changed(draw: st.DrawFn, shape: Type) -> Type:
    """The type, or one that is not far from it."""
    match draw(st.sampled_from(["same", "same", "maybe", "parts", "limits", "members", "fields", "other"])):
        case "maybe":
            return shape.parts[0] if shape.kind == "maybe" else Type("maybe", (shape,))
        case "parts" if shape.parts:
            parts = tuple(draw(changed(part)) for part in shape.parts)
            return Type(shape.kind, parts, shape.names, shape.limits, shape.needed)
        case "limits" if shape.kind in {"list", "text", "number"}:
            return Type(shape.kind, shape.parts, shape.names, draw(_limits()))
        case "members" if shape.kind in {"enum", "literal"}:
            return Type(draw(st.sampled_from(["enum", "literal"])), names=draw(_members))
        case "fields" if shape.kind == "value":
            return draw(fields(shape))
        case "other":
            return draw(types)
        case _:
            return shape


@st.composite
def fields(draw: st.DrawFn, shape: Type) -> Type:
    """The fields of a value, some dropped, some changed, some added."""
    known = dict(zip(shape.names, zip(shape.parts, shape.needed, strict=True), strict=True))
    kept: dict[str, tuple[Type, bool]] = {}
    for name in NAMES:
        if name in known and draw(st.integers(0, 3)):
            part, needed = known[name]
            kept[name] = (draw(changed(part)), draw(st.sampled_from([needed, True, False])))
        elif name not in known and draw(st.integers(0, 3)) == 0:
            kept[name] = (draw(types), draw(st.booleans()))
    parts = [part for part, _ in kept.values()]
    return Type("value", tuple(parts), tuple(kept), needed=tuple(needed for _, needed in kept.values()))


records = _values(types)
