"""Generated rows and representations of a service's entities, and both in GraphQL's form."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from thestack.definition.model import EntityModel, FieldModel, ForeignModel, Kind, ServiceModel, TypeRef
from thestack.definition.shapes import camel
from thestack.runtime.scalars import CODECS, codec_of
from thestack.testing.circumstances import BEGIN

OWNERS = ("alice", "bob")
TEXT = st.text("abcdefghijklmnop-0123456789", min_size=1, max_size=8)
LATEST = BEGIN + timedelta(days=365)
_INT = 2**31 - 1


class Generated:
    """Generates what the entities of one service are made of."""

    def __init__(self, service: ServiceModel) -> None:
        self._service = service
        self._own = {each.name: codec_of(each)[0] for each in service.scalars}
        self._fields = {each.type: each.fields for each in (*service.objects, *service.foreigns)}

    def rows(self, entity: EntityModel) -> st.SearchStrategy[Any]:
        """Rows that live, of one of `OWNERS`. What the framework stamps or adds up is left to it."""
        left = {entity.created, entity.updated, *entity.counters}
        fields = {each.name: self._stored(entity, each) for each in entity.fields if each.name not in left}
        return self._made(entity.type, fields)

    def values(self, ref: TypeRef, info: FieldInfo | None = None) -> st.SearchStrategy[Any]:
        """Values of a type, within what its field asks of them."""
        if ref.nullable:
            plain = TypeRef(ref.name, ref.kind, False, ref.item, ref.python)
            return st.none() | self.values(plain, info)
        if ref.item:
            return st.lists(self.values(ref.item), max_size=2)
        if ref.kind is Kind.ENUM:
            return st.sampled_from(ref.python)
        if ref.kind in (Kind.VALUE, Kind.FOREIGN):
            return self.objects(ref.python)
        return _scalars(ref, info)

    def objects(self, shape: type[Any]) -> st.SearchStrategy[Any]:
        """Values of a shape that is a part of something, or entities of others by all their known fields."""
        described: Mapping[str, FieldInfo] = shape.__pydantic_fields__
        fields = {each.name: self.values(each.type, described.get(each.name)) for each in self._fields[shape]}
        return self._made(shape, fields)

    def representations(self, foreign: ForeignModel, needed: Sequence[FieldModel]) -> st.SearchStrategy[Any]:
        """What the router says of an entity of another service: its keys, and the fields that are needed."""
        keys = [
            each for each in foreign.fields if each.name in {name for ref in foreign.refs for name in ref}
        ]
        fields = {each.graphql: (each.type, self.values(each.type)) for each in (*keys, *needed)}
        told = {name: made.map(partial(self.as_graphql, ref)) for name, (ref, made) in fields.items()}
        return st.fixed_dictionaries({"__typename": st.just(foreign.name), **told})

    def representation(self, entity: EntityModel, name: str, ref: Sequence[str], row: Any) -> dict[str, Any]:
        """What the router says of a row by one of its keys; `name` is the type that it names."""
        told: dict[str, Any] = {"__typename": name}
        for path in ref:
            value, fields, place = row, entity.fields, told
            *steps, last = path.split(".")
            for step in steps:
                field = next(each for each in fields if each.name == step)
                value, fields = getattr(value, step), self._fields[field.type.python]
                place = place.setdefault(camel(step), {})
            field = next(each for each in fields if each.name == last)
            place[field.graphql] = self.as_graphql(field.type, getattr(value, last, None))
        return told

    def selection(self, fields: Sequence[FieldModel]) -> str:
        """All of these fields, with everything in them. Those that not every reader may see are left out."""
        return " ".join(self._selected(each) for each in fields if each.allow is None)

    def answer(self, fields: Sequence[FieldModel], value: Any) -> dict[str, Any]:
        """What that selection of a value answers."""
        return {
            each.graphql: self.as_graphql(each.type, getattr(value, each.name))
            for each in fields
            if each.allow is None
        }

    def as_graphql(self, ref: TypeRef, value: Any) -> Any:
        """A value as GraphQL's JSON has it."""
        if value is None:
            return None
        if ref.item:
            return [self.as_graphql(ref.item, each) for each in value]
        if ref.kind is Kind.ENUM:
            return value.name
        if ref.kind in (Kind.VALUE, Kind.FOREIGN):
            return self.answer(self._fields[ref.python], value)
        codec = self._own.get(ref.name) or (CODECS[ref.name][0] if ref.name in CODECS else None)
        return codec(value) if codec else value

    def _stored(self, entity: EntityModel, field: FieldModel) -> st.SearchStrategy[Any]:
        if field.name == entity.owner:
            return st.sampled_from(OWNERS)
        if field.name == entity.expires:
            alive = st.just(LATEST)
            return st.none() | alive if field.type.nullable else alive
        info: FieldInfo | None = entity.type.__pydantic_fields__.get(field.name)
        return self.values(field.type, info)

    def _made(self, shape: type[Any], fields: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
        def made(values: Mapping[str, Any]) -> Any:
            try:
                return shape(**values)
            except ValidationError:  # what the shape's own validators refuse
                return None

        return st.fixed_dictionaries(dict(fields)).map(made).filter(lambda each: each is not None)

    def _selected(self, field: FieldModel) -> str:
        if field.type.named.kind not in (Kind.VALUE, Kind.FOREIGN):
            return field.graphql
        return f"{field.graphql} {{ {self.selection(self._fields[field.type.named.python])} }}"


def _scalars(ref: TypeRef, info: FieldInfo | None) -> st.SearchStrategy[Any]:
    limits: Any = info.metadata if info else []
    bounds: dict[str, Any] = {
        name: value
        for each in limits
        for name in ("min_length", "max_length", "ge", "le", "gt", "lt", "pattern")
        if (value := getattr(each, name, None)) is not None
    }
    match ref.name:
        case "ID" | "String" if "pattern" in bounds:
            return st.from_regex(bounds["pattern"], fullmatch=True)
        case "ID" | "String":
            most = min(bounds.get("max_length", 8), max(8, bounds.get("min_length", 0)))
            least = max(1, bounds.get("min_length", 1))
            return st.text("abcdefghijklmnop-0123456789", min_size=min(least, most), max_size=most)
        case "Int":
            low, high = (
                bounds.get("ge", bounds.get("gt", -_INT) + 1),
                bounds.get("le", bounds.get("lt", _INT) - 1),
            )
            return st.integers(math.ceil(low), math.floor(high))
        case "Float":
            return st.floats(-1e9, 1e9, allow_nan=False).filter(lambda each: _within(each, bounds))
        case "Boolean":
            return st.booleans()
        case "DateTime":
            return st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
        case "Date":
            return st.dates()
        case _:
            kinds: Any = Annotated[ref.python, *limits] if limits else ref.python
            return st.from_type(kinds).filter(_is_finite)


def _within(value: float, bounds: Mapping[str, Any]) -> bool:
    least, most = bounds.get("ge", -math.inf), bounds.get("le", math.inf)
    above, below = bounds.get("gt", -math.inf), bounds.get("lt", math.inf)
    return bool(least <= value <= most and above < value < below)


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except TypeError:  # no number
        return True
    except ValueError:  # a signalling one
        return False
