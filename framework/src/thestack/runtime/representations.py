"""What the router says of an entity that it refers to, in GraphQL's form, read into Python's."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from thestack.definition.model import FieldModel, ForeignModel, Kind, ServiceModel, TypeRef
from thestack.definition.problems import BadInput
from thestack.definition.shapes import camel
from thestack.runtime.scalars import codec_of

Representation = Mapping[str, Any]
Read = Callable[[Any], Any]
TEXT = TypeAdapter(str)


class Representations:
    """Reads the representations of one service's entities. Each type's reader is made at its first use."""

    def __init__(self, service: ServiceModel) -> None:
        self._fields = {shape.type: shape.fields for shape in (*service.objects, *service.foreigns)}
        self._scalars = {each.name: codec_of(each)[1] for each in service.scalars}
        self._readers: dict[tuple[str, Any], Read] = {}

    def has(self, representation: Representation, paths: Sequence[str]) -> bool:
        """Whether all the fields, and fields of fields, are there and are not null."""
        return all(_at(representation, path) is not None for path in paths)

    def values(self, representation: Representation, shape: type[Any], paths: Sequence[str]) -> list[Any]:
        """The values of fields, and of fields of fields, of a shape. Raises `BadInput`."""
        return [self.value(self._ref(shape, path), _at(representation, path), path) for path in paths]

    def shape(self, representation: Representation, foreign: ForeignModel) -> Any:
        """A foreign entity, or a view of one, by the fields that are there. Raises `BadInput`."""
        return self._object(foreign.type, representation, foreign.name)

    def value(self, ref: TypeRef, given: Any, what: str) -> Any:
        """A value of the type, from GraphQL's form of it. Raises `BadInput` with `what` it is."""
        if given is None:
            if ref.nullable:
                return None
            raise BadInput(f"`{what}` of the representation is missing.")
        if ref.item:
            if not isinstance(given, list):
                raise BadInput(f"`{what}` of the representation is no list.")
            return [self.value(ref.item, each, what) for each in given]
        if ref.kind in (Kind.VALUE, Kind.FOREIGN):
            return self._object(ref.python, given, what)
        try:
            return self._reader(ref)(given)
        except BadInput:
            raise
        except Exception:  # whatever a scalar's own parser raises
            raise BadInput(f"`{what}` of the representation is no {ref.name}.") from None

    def _object(self, shape: type[Any], given: Any, what: str) -> Any:
        if not isinstance(given, Mapping):
            raise BadInput(f"`{what}` of the representation is no object.")
        fields = {
            field.name: self.value(field.type, given.get(field.graphql), f"{what}.{field.graphql}")
            for field in self._fields[shape]
            if field.graphql in given or field.required
        }
        try:
            return shape.model_validate(fields)
        except ValidationError as wrong:
            raise BadInput(f"`{what}` of the representation is wrong: {wrong.errors()[0]['msg']}.") from None

    def _reader(self, ref: TypeRef) -> Read:
        key = (ref.name, ref.python)
        if key not in self._readers:
            self._readers[key] = self._made(ref)
        return self._readers[key]

    def _made(self, ref: TypeRef) -> Read:
        if ref.kind is Kind.ENUM:
            return lambda given: ref.python[given]
        if ref.name == "ID":
            return lambda given: str(given) if isinstance(given, int) else TEXT.validate_python(given)
        return self._scalars.get(ref.name) or TypeAdapter(ref.python).validate_python

    def _ref(self, shape: type[Any], path: str) -> TypeRef:
        name, _, rest = path.partition(".")
        field: FieldModel = next(each for each in self._fields[shape] if each.name == name)
        return self._ref(field.type.python, rest) if rest else field.type


def _at(representation: Representation, path: str) -> Any:
    value: Any = representation
    for step in path.split("."):
        value = value.get(camel(step)) if isinstance(value, Mapping) else None
    return value
