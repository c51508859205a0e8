"""The scalar types of the language."""

from enum import Enum
from typing import Annotated, Final, NewType

from ulid import ULID

Id = NewType("Id", str)
"""An opaque identifier; `ID` in GraphQL."""

Cursor = NewType("Cursor", str)
"""A position in a connection, opaque to clients."""


class CounterMark:
    """Marks an integer field that `add` changes commutatively."""


Counter = Annotated[int, CounterMark()]
"""An integer that concurrent handlers add to without conflicts: `created: Counter = 0`."""


class Unset(Enum):
    """The type of `UNSET`, for fields of a Patch: `title: str | Unset = UNSET`."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
"""Absent, as opposed to null: a patch's field that is UNSET leaves the entity's value as it is."""


def new_id() -> Id:
    """A fresh ULID: 26 characters, sortable by time of creation to the millisecond."""
    return Id(str(ULID()))
