"""What others say, read as far as it is known here."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import ValidationError

S = TypeVar("S")
UNKNOWN_MEMBER = frozenset({"enum", "literal_error"})
"""What pydantic calls a value that is no member of an enum, or of a Literal."""


def tolerantly(shape: type[S], data: Mapping[str, Any]) -> S:
    """The data as this shape: unknown fields are ignored at every depth, and unknown members of enums as if
    they were not there, where that may be: in a field with a default, in a list.

    Raises pydantic's `ValidationError`.
    """
    model: Any = shape
    try:
        read: S = model.model_validate(dict(data), extra="ignore")
    except ValidationError as wrong:
        known = _known(data, wrong)
        if known is None:
            raise
        try:
            read = model.model_validate(known, extra="ignore")
        except ValidationError:
            raise wrong from None
    return read


def _known(data: Mapping[str, Any], wrong: ValidationError) -> dict[str, Any] | None:
    """The data without the members that are not known; None where something else is wrong."""
    known = deepcopy(dict(data))
    errors = wrong.errors(include_url=False, include_input=False, include_context=False)
    # The last first, so that the places before it stay what they are.
    for error in sorted(
        errors, key=lambda error: [str(step).zfill(9) for step in error["loc"]], reverse=True
    ):
        if error["type"] not in UNKNOWN_MEMBER or not _drop(known, error["loc"]):
            return None
    return known


def _drop(value: Any, path: Sequence[str | int]) -> bool:
    """Take out what lies there; False where nothing does, as in one of several types."""
    *steps, last = path
    try:
        for step in steps:
            value = value[step]
        del value[last]
    except (KeyError, IndexError, TypeError):
        return False
    return True
