"""Where an entity's rows live: keys of the table and of its indexes, as strings whose order is the values'
order.

    pk  tenant#Todo#owner            sk  key values
    pk  tenant#Todo.by_created#...   sk  sort value, key values
    pk  tenant#Order#...             sk  U+0001 Line, key values: beside its Order's row

The parts of a sort key are separated by U+0002, which sorts below every character of a value, so that "ab"
comes before "ab c" whatever follows; what would be taken for it is escaped in a way that keeps the order. An
index's sort key ends with the row's key: it is unique, and a cursor needs nothing else.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from thestack.definition.model import EntityModel, IndexModel
from thestack.ports.store import RowKey

ALONE = "-"
GUEST = "\x01"
UNIT = "\x02"
LAST = "\U0010ffff"
_BIAS = 10**19
_LOWEST = re.compile(r"[\x00-\x03]")
_HIGHEST = re.compile("[\U0010fffe\U0010ffff]")
_ESCAPE = "\x03"
_ESCAPE_HIGH = "\U0010fffe"
_OF_PARTITIONS = re.compile(r"[#%]")
LONGEST = 1024
"""Bytes that a sort key may have in DynamoDB."""
Range = tuple[str | None, str | None]
"""Two sort keys, both included; None: no bound."""


def encode(value: Any) -> str:
    """One value as text that sorts as the value does, with the lowest characters and the highest escaped:
    those that separate, and `LAST`, which stands above all others.

    Datetimes must carry a zone. Raises `TypeError` for a type that has no order here.
    """
    match value:
        case Enum():
            return encode(value.value)
        case bool():
            return "1" if value else "0"
        case str():
            value = _LOWEST.sub(lambda found: f"{_ESCAPE}{ord(found[0])}", value)
            return _HIGHEST.sub(lambda found: f"{_ESCAPE_HIGH}{ord(found[0]) & 1}", value)
        case datetime():
            if value.tzinfo is None:
                raise TypeError(f"{value!r} has no time zone; a key must mean one moment")
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case int():
            return f"{value + _BIAS:020d}"
        case Decimal() | float():
            raise TypeError(f"{value!r} can't be part of a key: use an integer of the smallest unit")
        case _:
            raise TypeError(f"{type(value).__name__} can't be part of a key")


def join(*values: Any) -> str:
    """Several values as one sort key."""
    return UNIT.join(encode(value) for value in values)


def partition_key(tenant: str, name: str, *partition: Any) -> str:
    """The partition of an entity (`name` is its name) or of an index (its index's name)."""
    return "#".join((_part(tenant), name, *(_part(value) for value in partition)))


def _part(value: Any) -> str:
    """A value as a part of a partition, where `#` separates."""
    return _OF_PARTITIONS.sub(lambda found: f"%{ord(found[0]):02X}", encode(value))


def row_key(entity: EntityModel, tenant: str, values: Mapping[str, Any]) -> RowKey:
    """The key of the row with these field values."""
    place = join(*(value_at(values, name) for name in entity.sort)) if entity.sort else ALONE
    partition = (value_at(values, name) for name in entity.partition)
    return RowKey(partition_key(tenant, entity.beside or entity.name, *partition), _begin(entity) + place)


def span(entity: EntityModel, has_guests: bool, low: str | None, high: str | None) -> Range:
    """The sort keys of the table between two places of an entity, apart from those of the entities that
    share its partitions.
    """
    if entity.beside:
        begin = _begin(entity)
        end = f"{GUEST}{entity.name}{_ESCAPE}"  # what comes next after all that begins so
        return f"{begin}{low or ''}", end if high is None else f"{begin}{high}"
    return (low or UNIT if has_guests else low), high


def is_guest(place: str) -> bool:
    """Whether a sort key of the table is of an entity that lies beside another."""
    return place.startswith(GUEST)


def _begin(entity: EntityModel) -> str:
    return f"{GUEST}{entity.name}{UNIT}" if entity.beside else ""


def local_keys(entity: EntityModel, values: Mapping[str, Any]) -> dict[str, str]:
    """The row's place in each index that shares the table's partitions."""
    found: dict[str, str] = {}
    key = [value_at(values, name) for name in entity.key]
    for index in entity.all_indexes:
        sort = value_at(values, index.sort) if index.local else None
        if sort is not None:
            found[index.name] = join(sort, *key)
    return found


def index_keys(entity: EntityModel, tenant: str, values: Mapping[str, Any]) -> dict[str, RowKey]:
    """The row's place in each stored index with partitions of its own that it belongs to."""
    found: dict[str, RowKey] = {}
    key = [value_at(values, name) for name in entity.key]
    for index in entity.all_indexes:
        if index.local:
            continue
        parts = [value_at(values, name) for name in index.fields]
        if any(part is None for part in parts):
            continue
        sort = [value_at(values, index.sort)] if index.sort else []
        pk = partition_key(tenant, index.name, *(value_at(values, name) for name in index.partition))
        found[index.name] = RowKey(pk, join(*sort, *key))
    return found


def prefix_range(prefix: str) -> Range:
    """The sort keys that begin with the encoding of a text, whatever follows."""
    return encode(prefix), f"{encode(prefix)}{LAST}"


def index_range(index: IndexModel, low: Any, high: Any) -> Range:
    """The sort keys between two values of the sort field, both included, whatever row key follows."""
    if index.primary:
        return (None if low is None else encode(low)), (None if high is None else encode(high))
    return (
        None if low is None else f"{encode(low)}{UNIT}",
        None if high is None else f"{encode(high)}{UNIT}{LAST}",
    )


def named(entity: EntityModel, key: Sequence[Any]) -> dict[str, Any]:
    """The values of a key by their fields. Raises `TypeError` for too many or too few."""
    if len(key) != len(entity.key):
        raise TypeError(miscounted(f"a row of {entity.name}", entity.key, len(key)))
    return dict(zip(entity.key, key, strict=True))


def miscounted(what: str, names: Sequence[str], given: int) -> str:
    """What tells that too many values, or too few, were given for the fields of a key."""
    values = "1 value" if given == 1 else f"{given} values"
    return f"{what} is named here by ({', '.join(names)}), not by {values}"


def value_at(values: Any, path: str | None) -> Any:
    """The value of a field, or of a field of a field: `attachment.id`, of an entity or of a mapping."""
    value: Any = values
    for step in (path or "").split("."):
        if value is None:
            return None
        value = value.get(step) if isinstance(value, Mapping) else getattr(value, step)
    return value
