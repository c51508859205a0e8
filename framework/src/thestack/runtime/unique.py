"""Unique constraints: a marker for each set of values that a row alone may have, written with the row.

A marker's version is a digest of its row's key, so that only the row that holds it can release it. It names
the key too: a row is found by its unique values.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from thestack.definition.model import EntityModel
from thestack.definition.names import UNIQUE_PREFIX
from thestack.definition.problems import Taken
from thestack.ports import Delete, Put, Row, RowKey, Write
from thestack.runtime.keys import ALONE, partition_key, value_at

KIND = "unique"
_DIGEST = 7
"""Bytes; a number of DynamoDB holds 15."""

Markers = Mapping[RowKey, Row]


@dataclass(frozen=True, slots=True)
class Holding:
    """The markers of one row: those that it was read with, and those that it is to have."""

    before: Markers = field(default_factory=dict[RowKey, Row])
    after: Markers = field(default_factory=dict[RowKey, Row])


def markers(model: EntityModel, tenant: str, row: Row, entity: Any) -> Markers:
    """The markers that the row of an entity holds. A set of values with a null in it has none."""
    found: dict[RowKey, Row] = {}
    for fields in model.unique:
        given = [value_at(entity, name) for name in fields]
        if any(value is None for value in given):
            continue
        key = marker_key(model, tenant, fields, given)
        names = [model.field(name.partition(".")[0]).graphql for name in fields]
        told = {"entity": model.name, "fields": names, "row": list(row.key)}
        found[key] = Row(key, KIND, _holder(row.key), told, expires=row.expires)
    return found


def marker_key(model: EntityModel, tenant: str, fields: Sequence[str], given: Sequence[Any]) -> RowKey:
    """Where the marker of these values lies; `fields` in the order of the constraint."""
    place = partition_key(tenant, f"{model.name}.{'.'.join(fields)}", *given)
    return RowKey(f"{UNIQUE_PREFIX}{place}", ALONE)


def held_by(marker: Row) -> RowKey:
    """The key of the row that holds a marker."""
    pk, sk = marker.attributes["row"]
    return RowKey(pk, sk)


def writes(holdings: Iterable[Holding]) -> Iterator[Write]:
    """What turns the markers that rows were read with into those that they are to have.

    Raises `Taken` if two rows of one transaction are to have the same values.
    """
    released: dict[RowKey, Row] = {}
    taken: dict[RowKey, Row] = {}
    for holding in holdings:
        changed = {key: row for key, row in holding.after.items() if holding.before.get(key) != row}
        released |= {key: row for key, row in holding.before.items() if holding.after.get(key) != row}
        for key, row in changed.items():
            if key in taken:
                raise is_taken(row)
        taken |= changed
    for key, row in taken.items():
        yield Put(row, released[key].version if key in released else None)
    for key, row in released.items():
        if key not in taken:
            yield Delete(key, row.version)


def is_taken(marker: Row) -> Taken:
    """What tells that another row holds this marker."""
    names = marker.attributes["fields"]
    message = f"Another {marker.attributes['entity']} has this {' and '.join(names)}."
    return Taken(message, field=(names[-1],))


def _holder(key: RowKey) -> int:
    digest = blake2b(f"{key.pk}\x00{key.sk}".encode(), digest_size=_DIGEST)
    return int.from_bytes(digest.digest())
