"""Values of a JSON Schema in words."""

from collections.abc import Sequence
from typing import Any

from thestack.contract.json_schema import SCALAR, Schema, kind_of

WORDS = {
    "null": "null",
    "boolean": "a boolean",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "an object",
}


def kind_in(schema: Schema) -> str:
    """The `type` of what is no union; "" for anything."""
    if SCALAR in schema:
        return SCALAR
    return kind_of(schema["const"]) if "const" in schema else str(schema.get("type", ""))


def word_of(schema: Schema) -> str:
    """What it is: "a whole number", "a Money"."""
    if SCALAR in schema:
        return f"a {schema[SCALAR]}"
    return WORDS.get(kind_in(schema), "anything")


def word_of_all(alternatives: Sequence[Schema]) -> str:
    """What each of these may be: "text or one of `A`, `B`"."""
    members = [quoted(each["const"]) for each in alternatives if "const" in each]
    known = list(dict.fromkeys(word_of(each) for each in alternatives if "const" not in each))
    known += [f"one of {', '.join(members)}"] if members else []
    return " or ".join(known) or "nothing"


def quoted(value: Any) -> str:
    """A value as it is shown."""
    return f"`{value}`" if isinstance(value, str) else repr(value)
