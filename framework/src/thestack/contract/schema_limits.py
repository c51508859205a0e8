"""Whether what is written keeps within what a reader takes: lengths, ranges, patterns, formats."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from thestack.contract.json_schema import Schema

COUNTED: Mapping[str, tuple[str, str, str]] = {
    "string": ("minLength", "maxLength", "characters"),
    "array": ("minItems", "maxItems", "items"),
    "object": ("minProperties", "maxProperties", "fields"),
}
PARSERS: Mapping[str, Callable[[str], Any]] = {
    "date-time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "uuid": UUID,
}
"""By which it is seen whether one text has a format."""
FORMATS: Mapping[str, frozenset[str]] = {"uuid": frozenset({"uuid1", "uuid3", "uuid4", "uuid5"})}
"""What else is written, where a reader takes this format."""


def beyond_count(kind: str, written: Schema, reading: Schema) -> Iterator[str]:
    """Why a text, an array or an object is too short or too long for its reader."""
    least, most, what = COUNTED[kind]
    if written.get(least, 0) < reading.get(least, 0):
        yield f"may have fewer than {reading[least]} {what}"
    if most in reading and written.get(most, math.inf) > reading[most]:
        yield f"may have more than {reading[most]} {what}"


def beyond_text(written: Schema, reading: Schema) -> Iterator[str]:
    """Why a text is not read."""
    yield from beyond_count("string", written, reading)
    format = reading.get("format")
    if format and written.get("format") not in {format, *FORMATS.get(format, ())}:
        yield f"is {_text(written)}, and read as {format}"
    if "pattern" in reading and written.get("pattern") != reading["pattern"]:
        yield f"need not match `{reading['pattern']}`"


def beyond_number(written: Schema, reading: Schema) -> Iterator[str]:
    """Why a number is not read."""
    whole = written["type"] == "integer"
    least, most = _least(reading, whole), _most(reading, whole)
    if least is not None and ((own := _least(written, whole)) is None or own < least):
        yield f"may be {least[0]} or less" if least[1] else f"may be less than {least[0]}"
    if most is not None and ((own := _most(written, whole)) is None or own > most):
        yield f"may be {most[0]} or more" if most[1] else f"may be more than {most[0]}"
    step, own_step = reading.get("multipleOf"), written.get("multipleOf", 1 if whole else None)
    if step and (own_step is None or own_step % step):
        yield f"need not be a multiple of {step}"


def misfit(value: Any, reading: Schema) -> str:
    """Why this one text or number does not fit; "" where it does."""
    if isinstance(value, str):
        exact: dict[str, Any] = {"minLength": len(value), "maxLength": len(value)}
        if "pattern" in reading and re.search(reading["pattern"], value):
            exact["pattern"] = reading["pattern"]
        if _has_format(value, reading.get("format", "")):
            exact["format"] = reading["format"]
        found = beyond_text(exact, reading)
    else:
        kind = "integer" if isinstance(value, int) else "number"
        found = beyond_number(
            {"type": kind, "minimum": value, "maximum": value, "multipleOf": value or 0}, reading
        )
    return next(found, "")


Bound = tuple[float, int]
"""A number, and 1 where it begins just above it, -1 where it ends just below it."""


def _least(schema: Schema, whole: bool) -> Bound | None:
    bounds: list[Bound] = []
    if "minimum" in schema:
        bounds.append((schema["minimum"], 0))
    if "exclusiveMinimum" in schema:
        above = schema["exclusiveMinimum"]
        bounds.append((math.floor(above) + 1, 0) if whole else (above, 1))
    return max(bounds, default=None)


def _most(schema: Schema, whole: bool) -> Bound | None:
    bounds: list[Bound] = []
    if "maximum" in schema:
        bounds.append((schema["maximum"], 0))
    if "exclusiveMaximum" in schema:
        below = schema["exclusiveMaximum"]
        bounds.append((math.ceil(below) - 1, 0) if whole else (below, -1))
    return min(bounds, default=None)


def _text(schema: Schema) -> str:
    return str(schema.get("format", "any text"))


def _has_format(value: str, format: str) -> bool:
    parse = PARSERS.get(format)
    try:
        return parse is not None and bool(parse(value))
    except ValueError:
        return False
