"""Whether everything that one schema lets be written, a reader of another schema takes.

Both are JSON Schemas as pydantic writes them. The answer errs on one side only: what is called readable is.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from thestack.contract.json_schema import (
    SCALAR,
    Incomparable,
    Schema,
    is_union,
    kind_of,
    literal,
    says,
    variants,
)
from thestack.contract.schema_limits import beyond_count, beyond_number, beyond_text, misfit
from thestack.contract.schema_words import kind_in, quoted, word_of, word_of_all

DEEPEST = 40
KNOWN = frozenset(
    {
        *("type", "const", "format", "pattern", SCALAR),
        *(
            "minLength",
            "maxLength",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ),
        *("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
        *(
            "properties",
            "required",
            "additionalProperties",
            "propertyNames",
            "minProperties",
            "maxProperties",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a reader can't read: the field, and why in words that follow its name.

    `path` is "items[].price" of a field in a list, "prices{}" of the values of a map, "" of the whole.
    """

    path: str
    why: str


def unreadable(written: Schema, reading: Schema, *, strict: bool) -> list[Problem]:
    """What of the documents that are valid under `written` a reader with the schema `reading` refuses;
    nothing where it takes them all.

    A strict reader refuses fields that it does not know, as a service does of what it says itself. One that
    is not ignores them, and takes a member of an enum that it does not know for absent, where that may be: in
    a field with a default, in a list, in a map.

    Example: `unreadable({"type": "integer"}, {"type": "string"}, strict=True)` is
    `[Problem("", "is a whole number, and read as text")]`.
    """
    try:
        found = _Comparison(written, reading, strict).of(written, reading, _Spot("", not strict))
        return list(dict.fromkeys(found))
    except Incomparable as what:
        return [Problem("", f"can't be compared: one schema says {what}")]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in the document. `forgiving`: members of enums that are unknown are taken for absent, and
    `absent` says that this may be.
    """

    path: str
    forgiving: bool
    absent: bool = False
    depth: int = 0

    def at(self, step: str, *, absent: bool = False) -> "_Spot":
        path = f"{self.path}{step}".removeprefix(".")
        return replace(self, path=path, absent=absent, depth=self.depth + 1)


class _Comparison:
    """Compares two schemas, each with the definitions of its own root."""

    def __init__(self, written: Schema, reading: Schema, strict: bool) -> None:
        self.written, self.reading, self.strict = written, reading, strict
        self.begun: set[tuple[int, int, _Spot]] = set()

    def of(self, written: Schema | bool, reading: Schema | bool, spot: _Spot) -> Iterator[Problem]:
        """What of the values of one schema is not read by the other."""
        if spot.depth > DEEPEST:
            raise Incomparable(f"more than {DEEPEST} levels at `{spot.path}`")
        # What refers to itself is read if everything else in it is.
        begun = (id(written), id(reading), replace(spot, path="", depth=0))
        if begun in self.begun and spot.depth:
            return
        self.begun.add(begun)
        alternatives = list(variants(reading, self.reading))
        if is_union(reading, self.reading):
            spot = replace(spot, forgiving=False)
        unknown: list[Any] = []
        for each in variants(written, self.written):
            found = self._any(each, alternatives, spot)
            if found and "const" in each and each["const"] is not None and _is_enum(alternatives):
                unknown.append(each["const"])
            else:
                yield from found
        self.begun.discard(begun)
        if unknown:
            told = " or ".join(map(quoted, unknown))
            yield Problem(spot.path, f"may be {told}, and is read as {word_of_all(alternatives)}")

    def _any(self, written: Schema, alternatives: Sequence[Schema], spot: _Spot) -> list[Problem]:
        """What is not read by the alternative that comes nearest."""
        kind = kind_in(written)
        alike = [each for each in alternatives if kind_in(each) in {kind, _wider(kind)} or not says(each)]
        is_enum = _is_enum(alternatives)
        if spot.forgiving and spot.absent and kind != "null" and is_enum:
            return []
        if not alike and kind == "null":
            return [Problem(spot.path, "may be null")]
        if not alike or (is_enum and kind != "null" and "const" not in written):
            return [Problem(spot.path, f"is {word_of(written)}, and read as {word_of_all(alternatives)}")]
        found: list[list[Problem]] = []
        for each in alike:
            found.append(list(self._one(written, each, spot)))
            if not found[-1]:
                return []
        return min(found, key=len)

    def _one(self, written: Schema, reading: Schema, spot: _Spot) -> Iterator[Problem]:
        if not says(reading):
            return
        strange = [*_strange(written), *_strange(reading)]
        if strange:
            raise Incomparable(f"`{strange[0]}`" + (f" at `{spot.path}`" if spot.path else ""))
        if SCALAR in written or SCALAR in reading:
            if written.get(SCALAR) != reading.get(SCALAR):
                yield Problem(spot.path, f"is {word_of(written)}, and read as {word_of(reading)}")
        elif "const" in reading:
            if not _same(written, reading["const"]):
                yield Problem(spot.path, f"may be other than {quoted(reading['const'])}")
        elif "const" in written and isinstance(written["const"], list | dict):
            yield from self._one(literal(written["const"]), reading, spot)
        elif "const" in written:
            if why := _value(written["const"], reading):
                yield Problem(spot.path, why)
        else:
            yield from self._typed(written, reading, spot)

    def _typed(self, written: Schema, reading: Schema, spot: _Spot) -> Iterator[Problem]:
        match written.get("type"):
            case "string":
                yield from (Problem(spot.path, why) for why in beyond_text(written, reading))
            case "integer" | "number":
                yield from (Problem(spot.path, why) for why in beyond_number(written, reading))
            case "array":
                yield from self._array(written, reading, spot)
            case "object":
                yield from self._object(written, reading, spot)
            case _:
                pass

    def _array(self, written: Schema, reading: Schema, spot: _Spot) -> Iterator[Problem]:
        for why in beyond_count("array", written, reading):
            yield Problem(spot.path, why)
        if reading.get("uniqueItems") and not written.get("uniqueItems"):
            yield Problem(spot.path, "may have an item twice")
        own, taken = written.get("prefixItems", []), reading.get("prefixItems", [])
        most = written.get("maxItems", math.inf)
        for place in range(min(max(len(own), len(taken)), most)):
            yield from self.of(
                own[place] if place < len(own) else written.get("items", True),
                taken[place] if place < len(taken) else reading.get("items", True),
                spot.at(f"[{place}]"),
            )
        if most > max(len(own), len(taken)):
            may_lack = not taken and not own and not reading.get("minItems")
            item = spot.at("[]", absent=may_lack)
            yield from self.of(written.get("items", True), reading.get("items", True), item)

    def _object(self, written: Schema, reading: Schema, spot: _Spot) -> Iterator[Problem]:
        own, taken = written.get("properties", {}), reading.get("properties", {})
        needed, always = reading.get("required", []), written.get("required", [])
        # pydantic writes no more than it names, and says so only where others must not either.
        rest, taken_rest = (
            written.get("additionalProperties", False),
            reading.get("additionalProperties", True),
        )
        for name in needed:
            if name not in own and rest is False:
                yield Problem(spot.at(f".{name}").path, "is not written, and needed")
            elif name not in always:
                yield Problem(spot.at(f".{name}").path, "is not always written, and needed")
        for name, schema in taken.items():
            if name in own or rest is not False:
                field = spot.at(f".{name}", absent=name not in needed)
                yield from self.of(own.get(name, rest), schema, field)
        for name, schema in own.items():
            if name not in taken:
                yield from self._further(schema, taken_rest, spot.at(f".{name}", absent=True))
        if rest is not False:
            yield from self._further(rest, taken_rest, spot.at("{}", absent=True))
        if taken_names := reading.get("propertyNames"):
            names: Schema = written.get("propertyNames", {"type": "string"})
            written_names = [*({"const": name} for name in own), *([names] if rest is not False else [])]
            for each in written_names:
                yield from self.of(each, taken_names, spot.at(" (its names)"))
        count = {"minProperties": len(always), **({"maxProperties": len(own)} if rest is False else {})}
        for why in beyond_count("object", {**count, **written}, reading):
            yield Problem(spot.path, why)

    def _further(self, written: Schema | bool, rest: Schema | bool, spot: _Spot) -> Iterator[Problem]:
        """A field that the reader does not name."""
        if rest is False:
            if self.strict:
                yield Problem(spot.path, "is not known to its reader, which refuses it")
        elif rest is not True:
            yield from self.of(written, rest, spot)


def _wider(kind: str) -> str:
    return "number" if kind == "integer" else kind


def _is_enum(alternatives: Sequence[Schema]) -> bool:
    """Whether nothing but members of an enum, or null, is read."""
    kinds = ["const" in each or each.get("type") == "null" for each in alternatives]
    return all(kinds) and any("const" in each for each in alternatives)


def _same(written: Schema, value: Any) -> bool:
    return "const" in written and (written["const"], kind_of(written["const"])) == (value, kind_of(value))


def _value(value: Any, reading: Schema) -> str:
    """Why this one value is not read; "" where it is."""
    if value is None or isinstance(value, bool):
        return ""
    why = misfit(value, reading)
    return f"may be {quoted(value)}, which {why}" if why else ""


def _strange(schema: Schema) -> list[str]:
    return sorted(key for key in schema if says({key: None}) and key not in KNOWN)
