"""JSON Schemas as pydantic writes them, taken apart: references resolved, unions split into their members."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
SCALAR = "x-scalar"
"""The keyword that names a scalar of a service's own, whose values only its own parser knows."""
UNIONS = ("anyOf", "oneOf")
NOTES = frozenset(
    {
        "$comment",
        "$defs",
        "$id",
        "$schema",
        "default",
        "deprecated",
        "description",
        "discriminator",
        "examples",
        "readOnly",
        "stamp",
        "title",
        "writeOnly",
    }
)
"""Keywords that say nothing of which values there may be."""
LEAST = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
MOST = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})


class Incomparable(Exception):
    """A schema says something that can't be compared; the message is what."""


def variants(schema: Schema | bool, root: Schema) -> Iterator[Schema]:
    """The members of a union, and of unions within it, each of at most one `type`; a value that is no union
    is its only one.

    A member of an enum is one by itself, `{"const": ...}`. `root` has the `$defs`. Raises `Incomparable`.
    """
    if schema is False:
        return
    plain = resolved({} if schema is True else schema, root)
    union = next((each for each in UNIONS if each in plain), None)
    if union:
        rest = {key: value for key, value in plain.items() if key != union}
        for member in plain[union]:
            yield from variants(both(member, rest) if says(rest) else member, root)
    elif isinstance(plain.get("type"), list):
        for each in plain["type"]:
            yield from variants({**plain, "type": each}, root)
    elif "enum" in plain:
        yield from ({"const": value} for value in plain["enum"])
    else:
        yield plain


def is_union(schema: Schema | bool, root: Schema) -> bool:
    """Whether there is more than one member, beside null. Raises `Incomparable`."""
    if isinstance(schema, bool):
        return False
    plain = resolved(schema, root)
    members = [each for union in UNIONS for each in plain.get(union, []) if each.get("type") != "null"]
    return len(members) > 1 or any(is_union(each, root) for each in members)


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema without `$ref` and `allOf`. Raises `Incomparable`."""
    while "$ref" in schema or "allOf" in schema:
        if "$ref" in schema:
            target = _target(str(schema["$ref"]), root)
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = both(target, rest) if says(rest) else target
        else:
            parts = schema["allOf"]
            schema = {key: value for key, value in schema.items() if key != "allOf"}
            for part in parts:
                schema = both(resolved(part, root), schema) if says(schema) else resolved(part, root)
    return schema


def says(schema: Schema) -> bool:
    """Whether it says anything of which values there may be."""
    return not NOTES.issuperset(schema)


def both(one: Schema, other: Schema) -> Schema:
    """What both allow. Raises `Incomparable` where that is no schema that can be written down."""
    merged: dict[str, Any] = {**one}
    for key, value in other.items():
        if key not in merged or key in NOTES or merged[key] == value:
            merged[key] = value
        elif key in LEAST:
            merged[key] = max(merged[key], value)
        elif key in MOST:
            merged[key] = min(merged[key], value)
        elif key == "required":
            merged[key] = list(dict.fromkeys([*merged[key], *value]))
        elif key == "properties":
            merged[key] = {name: _each(name, merged[key], value) for name in {**merged[key], **value}}
        else:
            raise Incomparable(f"two different `{key}` at once")
    return merged


def literal(value: Any) -> Schema:
    """The schema of this one value."""
    match value:
        case dict():
            fields: Mapping[str, Any] = value
            shown = {name: literal(each) for name, each in fields.items()}
            return {
                "type": "object",
                "properties": shown,
                "required": list(shown),
                "additionalProperties": False,
            }
        case list():
            items: list[Any] = value
            shape = [literal(each) for each in items]
            return {"type": "array", "prefixItems": shape, "minItems": len(shape), "maxItems": len(shape)}
        case _:
            return {"const": value, "type": kind_of(value)}


def kind_of(value: Any) -> str:
    """The `type` that a value has."""
    kinds: Iterable[tuple[type[Any] | tuple[type[Any], ...], str]] = (
        (type(None), "null"),
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "object")


def _each(name: str, ones: Mapping[str, Any], others: Mapping[str, Any]) -> Any:
    given = [each[name] for each in (ones, others) if name in each]
    return given[0] if len(given) == 1 else {"allOf": given}


def _target(ref: str, root: Schema) -> Schema:
    if ref == "#":
        return root
    found: Any = root
    for step in ref.removeprefix("#/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            raise Incomparable(f"`{ref}`, which is not in it")
        found = found[name]
    target: Schema = found
    return target
