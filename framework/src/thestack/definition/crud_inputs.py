"""The inputs of generated operations: made from an entity's own annotations, constraints included."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from thestack.definition.conditions import Filter, OneOf, Range, Text
from thestack.definition.model import EntityModel, FieldModel, ForeignModel, Kind
from thestack.definition.scalars import UNSET, Id, Unset
from thestack.definition.shapes import Declared, Input, Patch
from thestack.diagnostics.site import Site

RANGED = (int, float, date, datetime)


class CrudInputs:
    """The inputs for one entity.

    `annotations` are those of its fields, evaluated; `foreigns` the models of what they refer to, by name.
    A client gives neither what the framework or the caller gives (stamps, the owner, an `Id` that is the
    key) nor what some may not read, nor counters; an entity of another service by its key.
    """

    def __init__(
        self,
        entity: EntityModel,
        annotations: Mapping[str, Any],
        foreigns: Mapping[str, ForeignModel],
        site: Site,
    ) -> None:
        self._entity, self._annotations, self._foreigns, self._site = entity, annotations, foreigns, site

    @property
    def makes_key(self) -> bool:
        """Whether a new row is given a new id."""
        entity = self._entity
        return len(entity.key) == 1 and self._annotations.get(entity.key[0]) is Id

    @property
    def changes(self) -> bool:
        """Whether there is a field that a client may change."""
        return any(self._settable(keys=False))

    @property
    def unfilled(self) -> list[str]:
        """The fields that nobody gives a new row: not the client, and no default."""
        entity = self._entity
        given = {field.name for field in self._settable(keys=True)}
        given |= {entity.owner or "", *(entity.key if self.makes_key else ())}
        return [field.name for field in entity.fields if field.required and field.name not in given]

    def create(self) -> type[Any] | None:
        """`CreateTodoInput`; None where a client has nothing to give."""
        fields: dict[str, tuple[Any, Any]] = {}
        for field in self._settable(keys=not self.makes_key):
            name, annotation = self._given(field)
            fields[name] = (annotation, field.default)
        return self._shape(f"Create{self._entity.name}Input", Input, fields) if fields else None

    def update(self) -> type[Any]:
        """`UpdateTodoInput`: what is absent stays, null clears."""
        fields: dict[str, tuple[Any, Any]] = {}
        for field in self._settable(keys=False):
            name, annotation = self._given(field)
            fields[name] = (annotation | Unset, UNSET)
        generic: Any = Patch
        return self._shape(f"Update{self._entity.name}Input", generic[self._entity.type], fields)

    def filter(self) -> type[Any] | None:
        """`TodoFilter`: a condition for each field that has an order or a choice; None without such."""
        fields: dict[str, tuple[Any, Any]] = {}
        for field in self._entity.fields:
            condition = _condition(field)
            if condition is not None and field.allow is None and field.name != self._entity.owner:
                fields[field.name] = (condition | None, None)
        generic: Any = Filter
        name = f"{self._entity.name}Filter"
        return self._shape(name, generic[self._entity.type], fields) if fields else None

    def values(self, given: Any) -> dict[str, Any]:
        """The entity's fields that an input gives."""
        inputs = {self._given(field)[0]: field for field in self._settable(keys=True)}
        found: dict[str, Any] = {}
        for name, value in vars(given).items():
            field = inputs[name]
            if isinstance(value, Unset):
                continue
            if field.type.kind is Kind.FOREIGN and value is not None:
                foreign = self._foreigns[field.type.python.__name__]
                value = foreign.type(**{foreign.key[0]: value})
            found[field.name] = value
        return found

    def _settable(self, *, keys: bool) -> Iterator[FieldModel]:
        entity = self._entity
        kept = {entity.owner, entity.created, entity.updated, *(() if keys else entity.key)}
        if self.makes_key:
            kept.add(entity.key[0])
        for field in entity.fields:
            named = field.type.named
            refers = named.kind is Kind.FOREIGN and (field.type.item or not self._has_one_key(field))
            if field.name in kept or field.counter or field.allow or refers or named.kind is Kind.ENTITY:
                continue
            if field.name in self._annotations:
                yield field

    def _has_one_key(self, field: FieldModel) -> bool:
        foreign = self._foreigns.get(field.type.named.python.__name__)
        return foreign is not None and len(foreign.key) == 1 and foreign.view_of is None

    def _given(self, field: FieldModel) -> tuple[str, Any]:
        """The name and the annotation by which a client gives a field."""
        annotation = self._annotations[field.name]
        if field.type.kind is not Kind.FOREIGN:
            return field.name, annotation
        foreign = self._foreigns[field.type.python.__name__]
        key = next(each for each in foreign.fields if each.name == foreign.key[0])
        python = key.type.python
        return f"{field.name}_{key.name}", python | None if field.type.nullable else python

    def _shape(self, name: str, base: Any, fields: Mapping[str, tuple[Any, Any]]) -> type[Any]:
        content: dict[str, Any] = {
            "__module__": self._entity.type.__module__,
            "__annotations__": {each: annotation for each, (annotation, _) in fields.items()},
        }
        content |= {each: default for each, (_, default) in fields.items() if default is not ...}
        made: Any = type(base)(name, (base,), content)
        made.__declared__ = Declared({}, self._site)
        return made  # type: ignore[no-any-return]


def _condition(field: FieldModel) -> Any:
    """The condition that fits a field's type, if one does."""
    python, kind = field.type.python, field.type.kind
    one_of: Any = OneOf
    range_: Any = Range
    if field.type.item:
        return None
    if kind is Kind.ENUM or python in (bool, Id):
        return one_of[python]
    if kind is Kind.SCALAR and python is str:
        return Text
    return range_[python] if kind is Kind.SCALAR and python in RANGED else None
