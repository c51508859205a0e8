"""Rows as DynamoDB items.

An item has `pk` and `sk`, the row's attributes under their own names, `_kind`, `_v`, `_gone`, `expires`, `_w`
(which request wrote it, where that must be known) and for each index `<index>:pk` and `<index>:sk`, for a
local one `<index>:sk` alone. An attribute whose name would be taken for one of those (`expires`, say) is
stored with a dot before it.
"""

import math
from collections.abc import Mapping
from typing import Any

from thestack.ports.store import Row, RowKey

KIND, VERSION, GONE, EXPIRES, WRITER = "_kind", "_v", "_gone", "expires", "_w"
OWN = frozenset({"pk", "sk", KIND, VERSION, GONE, EXPIRES, WRITER})
ESCAPE = "."

Item = dict[str, Any]


def key_of(key: RowKey) -> Item:
    """The key attributes of an item."""
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def item_of(row: Row) -> Item:
    """The item of a row. Raises `TypeError` or `ValueError` for what is no JSON value."""
    item: Item = {**key_of(row.key), KIND: {"S": row.kind}, VERSION: {"N": str(row.version)}}
    item |= {stored_name(name): _typed(value) for name, value in row.attributes.items()}
    for name, place in row.indexes.items():
        item |= {f"{name}:pk": {"S": place.pk}, f"{name}:sk": {"S": place.sk}}
    item |= {f"{name}:sk": {"S": place} for name, place in row.local.items()}
    if row.gone:
        item[GONE] = {"BOOL": True}
    if row.expires is not None:
        item[EXPIRES] = {"N": str(row.expires)}
    return item


def row_of_image(image: Mapping[str, Any]) -> Row:
    """The row in an item as DynamoDB and its streams write it.

    Raises `KeyError` if it is not an item of ours.
    """
    item = {name: _plain(value) for name, value in image.items()}
    places = [
        name.removesuffix(":sk") for name in item if name.endswith(":sk") and not name.startswith(ESCAPE)
    ]
    indexes = [name for name in places if f"{name}:pk" in item]
    return Row(
        key=RowKey(item["pk"], item["sk"]),
        kind=item[KIND],
        version=item[VERSION],
        attributes={
            name.removeprefix(ESCAPE): value
            for name, value in item.items()
            if name not in OWN and (name.startswith(ESCAPE) or ":" not in name)
        },
        indexes={name: RowKey(item[f"{name}:pk"], item[f"{name}:sk"]) for name in indexes},
        gone=bool(item.get(GONE)),
        expires=item.get(EXPIRES),
        local={name: item[f"{name}:sk"] for name in places if name not in indexes},
    )


def stored_name(attribute: str) -> str:
    """The name under which an attribute of a row is stored."""
    taken = attribute in OWN or ":" in attribute or attribute.startswith(ESCAPE)
    return f"{ESCAPE}{attribute}" if taken else attribute


def _typed(value: Any) -> Item:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case float():
            if not math.isfinite(value):
                raise ValueError(f"{value} is no JSON number")
            return {"N": repr(value)}
        case Mapping():
            return {"M": {name: _typed(each) for name, each in value.items()}}
        case list() | tuple():
            return {"L": [_typed(each) for each in value]}
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON value")


def _plain(value: Item) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return int(content) if content.lstrip("-").isdigit() else float(content)
        case "M":
            return {name: _plain(each) for name, each in content.items()}
        case "L":
            return [_plain(each) for each in content]
        case "NULL":
            return None
        case _:
            return content
