"""Filters as the bus has them: rule patterns of EventBridge, which leave out events before anybody is called.

A pattern never leaves out what its filter admits. It may let through what the filter does not admit, where
the bus counts less exactly than Python does; the consumer holds the filter itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from math import ceil, floor
from typing import Any

from thestack.definition.conditions import Condition, Filter, OneOf, Range, Text
from thestack.definition.model import FieldModel, Kind

Pattern = list[Any]
"""What EventBridge compares a field with: any of these."""
LARGEST_NUMBER = 5_000_000_000
"""Beyond this EventBridge compares no numbers, and at no more than six decimals."""
LONGEST_PATTERN = 2048
_DECIMALS = 1_000_000
_BY_TEXT = frozenset({"ID", "String", "Int", "Boolean", "Date"})
"""Scalars of which two values are equal when their JSON is."""


class Unsayable(Exception):
    """No pattern says what a filter does. `field` is the one whose condition it is, `why` a sentence."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"`{field}`: {why}")
        self.field, self.why = field, why


def data_pattern(where: Filter[Any], fields: Mapping[str, FieldModel]) -> dict[str, Pattern]:
    """The pattern of an event's data, for a filter on fields that the event has. Raises `Unsayable`."""
    given: dict[str, Condition | None] = vars(where)
    pattern = {
        name: _pattern(condition, fields[name])
        for name, condition in given.items()
        if condition is not None and _says_something(condition)
    }
    if pattern and len(json.dumps(pattern)) > LONGEST_PATTERN - 512:
        raise Unsayable(next(iter(pattern)), "a rule has no place for so many values")
    return pattern


def _says_something(condition: Condition) -> bool:
    return any(value is not None for value in vars(condition).values())


def _pattern(condition: Condition, field: FieldModel) -> Pattern:
    what = field.type
    if what.item or what.kind not in (Kind.SCALAR, Kind.ENUM):
        raise Unsayable(field.name, f"a rule compares no `{what}`")
    match condition:
        case OneOf():
            return _one_of(condition, field)
        case Range():
            return _range(condition, field)
        case Text():
            return _text(condition, field)


def _one_of(condition: OneOf[Any], field: FieldModel) -> Pattern:
    said: dict[str, Any] = condition.model_dump(mode="json")  # type: ignore[attr-defined]
    eq, any_of = said["eq"], said["any_of"]
    values: list[Any] = [eq] if any_of is None else [each for each in any_of if eq is None or each == eq]
    if not values:
        raise Unsayable(field.name, "it admits nothing")
    if None in values:
        raise Unsayable(field.name, "a template has no null to compare with")
    if field.type.kind is Kind.ENUM or field.type.name in _BY_TEXT:
        return values
    if field.type.name == "Float":
        return [_numeric(field, (each, True), (each, True)) for each in values]
    raise Unsayable(field.name, f"equal values of `{field.type}` may be written in several ways")


def _range(condition: Range[Any], field: FieldModel) -> Pattern:
    if field.type.name not in ("Int", "Float"):
        raise Unsayable(field.name, f"a rule has ranges of numbers, and none of `{field.type}`")
    lows = _given((condition.at_least, True), (condition.above, False))
    highs = _given((condition.at_most, True), (condition.below, False))
    low = max(lows, key=lambda bound: (bound[0], not bound[1]), default=None)
    high = min(highs, key=lambda bound: (bound[0], bound[1]), default=None)
    return [_numeric(field, low, high)]


Bound = tuple[Any, bool]
"""A bound of a range, and whether it belongs to it."""


def _given(*bounds: Bound) -> list[Bound]:
    return [bound for bound in bounds if bound[0] is not None]


def _numeric(field: FieldModel, low: Bound | None, high: Bound | None) -> dict[str, Sequence[Any]]:
    for bound in (low, high):
        if bound and not -LARGEST_NUMBER <= bound[0] <= LARGEST_NUMBER:
            raise Unsayable(field.name, f"a rule compares numbers up to {LARGEST_NUMBER:,} only")
    if low and high and (low[0] > high[0] or (low[0] == high[0] and not (low[1] and high[1]))):
        raise Unsayable(field.name, "it admits nothing")
    if field.type.name == "Float":
        low = low and (floor(low[0] * _DECIMALS) / _DECIMALS, True)
        high = high and (ceil(high[0] * _DECIMALS) / _DECIMALS, True)
    if low and high and low[0] == high[0]:
        return {"numeric": ["=", low[0]]}
    return {"numeric": list(_bounds(low, high))}


def _bounds(low: Bound | None, high: Bound | None) -> Iterator[Any]:
    if low:
        yield from (">=" if low[1] else ">", low[0])
    if high:
        yield from ("<=" if high[1] else "<", high[0])


def _text(condition: Text, field: FieldModel) -> Pattern:
    if field.type.name not in ("String", "ID"):
        raise Unsayable(field.name, f"`{field.type}` is no text")
    if condition.eq is None:
        return [{"prefix": condition.begins_with}]
    if not condition.admits(condition.eq):
        raise Unsayable(field.name, "it admits nothing")
    return [condition.eq]
