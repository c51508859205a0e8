"""From entities to the rows that they are stored in, and back."""

import math
from datetime import datetime
from typing import Any

from thestack.definition.model import EntityModel
from thestack.definition.shapes import UNSTAMPED
from thestack.ports import Row
from thestack.runtime import keys
from thestack.runtime.unique import markers


def entity_of(model: EntityModel, tenant: str, row: Row) -> Any:
    """The entity in a row, with the version and the unique values that it was read with.

    What another version of the service wrote beside its fields is kept, and written back with it.
    """
    attributes = dict(row.attributes)
    entity = model.type.model_validate(attributes, extra="ignore")
    entity._version = row.version
    if unknown := attributes.keys() - model.type.model_fields.keys():
        entity._unknown = {name: attributes[name] for name in unknown}
    if model.unique and not row.gone:
        entity._held = markers(model, tenant, row, entity)
    return entity


def living(model: EntityModel, tenant: str, row: Row | None, now: datetime) -> Any:
    """The entity in a row, or None if the row is missing, deleted or expired, or of another entity."""
    if row is None or row.is_over(now) or row.kind != model.name:
        return None
    return entity_of(model, tenant, row)


def row_of(model: EntityModel, tenant: str, entity: Any) -> Row:
    """The row that holds an entity, in its first version."""
    values = {field.name: getattr(entity, field.name) for field in model.fields}
    ends: datetime | None = values[model.expires] if model.expires else None
    return Row(
        keys.row_key(model, tenant, values),
        model.name,
        1,
        {**entity._unknown, **entity.model_dump(mode="json")},
        keys.index_keys(model, tenant, values),
        expires=None if ends is None else math.ceil(ends.timestamp()),
        local=keys.local_keys(model, values),
    )


def tombstone_of(model: EntityModel, row: Row) -> Row:
    """What is left of a row that is deleted: with what was in it where it may be restored."""
    if model.soft_delete:
        return Row(row.key, row.kind, 0, row.attributes, gone=True, expires=row.expires)
    return Row(row.key, row.kind, 0, gone=True)


def stamp(model: EntityModel, entity: Any, now: datetime) -> None:
    """Fill in when the row came into being, if nothing did before, and when it last changed."""
    if model.created and getattr(entity, model.created) == UNSTAMPED:
        setattr(entity, model.created, now)
    if model.updated:
        setattr(entity, model.updated, now)
