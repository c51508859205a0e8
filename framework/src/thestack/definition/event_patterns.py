"""Patterns of EventBridge, as a definition writes them for what AWS says, and what they admit.

Texts may name `{environment}` and `{account}`, which a stack fills in; before that each stands for any text.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from thestack.definition.json import Json

Pattern = Mapping[str, Json]
"""By field, a list of what its value may be, or the pattern of the object that it is."""
PLACES = ("{environment}", "{account}")
_SCALARS = (str, int, float, bool, type(None))
_ABSENT: Any = object()


def is_pattern(value: Any) -> bool:
    """Whether this is the pattern of an object, as JSON has it, with operators that are known here."""
    if not isinstance(value, Mapping) or not value:
        return False
    return all(isinstance(name, str) and _is_part(name, part) for name, part in value.items())


def filled(pattern: Any, places: Mapping[str, str]) -> Any:
    """The pattern with the text of each place (`{environment}`) instead of its name."""
    if isinstance(pattern, str):
        for place, text in places.items():
            pattern = pattern.replace(place, text)
        return pattern
    if isinstance(pattern, Mapping):
        return {name: filled(part, places) for name, part in pattern.items()}
    if isinstance(pattern, Sequence):
        return [filled(part, places) for part in pattern]
    return pattern


def admits(pattern: Pattern, data: Any) -> bool:
    """Whether an event with this detail matches; of a list, that one of its elements does is enough."""
    return all(_admits_part(name, part, data) for name, part in pattern.items())


def _is_part(name: str, part: Any) -> bool:
    if name == "$or":
        return _is_list(part) and len(part) > 1 and all(is_pattern(each) for each in part)
    if isinstance(part, Mapping):
        return is_pattern(part)
    return _is_list(part) and bool(part) and all(_is_condition(each) for each in part)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_condition(condition: Any) -> bool:
    if not isinstance(condition, Mapping):
        return isinstance(condition, _SCALARS)
    try:
        json.dumps(condition)
    except (TypeError, ValueError):
        return False
    return len(condition) == 1 and next(iter(condition)) in _OPERATORS


def _admits_part(name: str, part: Any, data: Any) -> bool:
    if name == "$or":
        return any(admits(each, data) for each in part)
    value = data.get(name, _ABSENT) if isinstance(data, Mapping) else _ABSENT
    if isinstance(part, Mapping):
        objects = value if _is_list(value) else [value]
        return any(admits(part, None if each is _ABSENT else each) for each in objects)
    values = value if _is_list(value) and value else [value]
    return any(_meets(condition, each) for condition in part for each in values)


def _meets(condition: Any, value: Any) -> bool:
    if isinstance(condition, Mapping):
        ((operator, operand),) = condition.items()
        return _OPERATORS[operator](operand, value)
    return _equals(condition, value)


def _equals(wanted: Any, value: Any) -> bool:
    if value is _ABSENT:
        return False
    if isinstance(wanted, str) and isinstance(value, str):
        return _like(re.escape(wanted), value)
    return type(wanted) is type(value) and bool(wanted == value)


def _like(expression: str, text: Any) -> bool:
    """Whether the text is as an escaped expression, with any text in its places."""
    for place in PLACES:
        expression = expression.replace(re.escape(place), ".*")
    return isinstance(text, str) and re.fullmatch(expression, text, re.DOTALL) is not None


def _anything_but(operand: Any, value: Any) -> bool:
    if value is _ABSENT:
        return False
    refused = operand if _is_list(operand) else [operand]
    return not any(_meets(each, value) for each in refused)


def _numeric(operand: Any, value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return all(
        _COMPARISONS[sign](value, bound) for sign, bound in zip(operand[::2], operand[1::2], strict=True)
    )


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "prefix": lambda operand, value: _like(f"{re.escape(operand)}.*", value),
    "suffix": lambda operand, value: _like(f".*{re.escape(operand)}", value),
    "wildcard": lambda operand, value: _like(re.escape(operand).replace(r"\*", ".*"), value),
    "equals-ignore-case": lambda operand, value: isinstance(value, str) and operand.lower() == value.lower(),
    "exists": lambda operand, value: (value is not _ABSENT) is operand,
    "anything-but": _anything_but,
    "numeric": _numeric,
}
