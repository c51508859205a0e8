"""The scalar types of the language."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final, Generic, NewType, TypeVar, get_origin

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import (
    CoreSchema,
    PydanticCustomError,
    PydanticSerializationUnexpectedValue,
    core_schema,
)
from ulid import ULID

T = TypeVar("T")

Id = NewType("Id", str)
"""An opaque identifier; `ID` in GraphQL."""

Cursor = NewType("Cursor", str)
"""A position in a connection, opaque to clients."""


class CounterMark:
    """Marks an integer field that `add` changes commutatively."""


Counter = Annotated[int, CounterMark()]
"""An integer that concurrent handlers add to without conflicts: `created: Counter = 0`."""


@dataclass(frozen=True, slots=True)
class ScalarMark(Generic[T]):
    """A scalar of the service's own: what `scalar` puts into an annotation. Pydantic reads and writes it by
    the same two functions as GraphQL does.
    """

    name: str
    parse: Callable[[Any], T]
    serialize: Callable[[T], Any]
    specified_by: str
    description: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        base, kind = handler(source), get_origin(source) or source

        def write(value: T) -> Any:
            # Of a union it is asked for every member's value, and must leave the others' to them.
            if isinstance(kind, type) and not isinstance(value, kind):
                raise PydanticSerializationUnexpectedValue(f"{self.name} is no {type(value).__name__}")
            return self.serialize(value)

        def read(value: Any) -> Any:
            if not isinstance(value, str | int | float | bool | list | dict | None):
                return value
            try:
                return self.parse(value)
            except (TypeError, ValueError, ArithmeticError) as wrong:  # Decimal's own are arithmetic ones
                raise PydanticCustomError("scalar", "{reason}", {"reason": str(wrong)}) from None

        written = core_schema.plain_serializer_function_ser_schema(write, when_used="json")
        return core_schema.no_info_before_validator_function(read, base, serialization=written)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Any:
        named = {"title": self.name, "x-scalar": self.name}
        return named | ({"description": self.description} if self.description else {})


def scalar(
    name: str,
    *,
    parse: Callable[[Any], T],
    serialize: Callable[[T], Any],
    specified_by: str = "",
    description: str = "",
) -> ScalarMark[T]:
    """A GraphQL scalar: `Money = Annotated[Decimal, scalar("Money", parse=Decimal, serialize=str)]`.

    `parse` makes the value of what came as JSON and raises `ValueError` for what is none; `serialize` makes
    JSON of the value. Storage, events and GraphQL use both.
    """
    return ScalarMark(name, parse, serialize, specified_by, description)


class StampMark(Enum):
    """Marks the moments that the framework fills in when a row is committed."""

    CREATED = "created"
    UPDATED = "updated"


class Unset(Enum):
    """The type of `UNSET`, for fields of a Patch: `title: str | Unset = UNSET`."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
"""Absent, as opposed to null: a patch's field that is UNSET leaves the entity's value as it is."""


def new_id() -> Id:
    """A fresh ULID: 26 characters, sortable by time of creation to the millisecond."""
    return Id(str(ULID()))
