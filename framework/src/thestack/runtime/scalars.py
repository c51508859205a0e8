"""The custom scalars: how they are written and read."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from graphql import GraphQLError

from thestack.definition.model import ScalarModel


def _parse_datetime(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"{value!r} is no date and time like 2026-01-31T12:00:00Z") from None
    if moment.tzinfo is None:
        raise GraphQLError(f"{value!r} has no time zone; write 2026-01-31T12:00:00Z")
    return moment


def _parse_date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"{value!r} is no date like 2026-01-31") from None


def _iso(value: Any) -> str:
    return str(value.isoformat()).replace("+00:00", "Z")


CODECS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "DateTime": (_iso, _parse_datetime),
    "Date": (_iso, _parse_date),
}
"""For each custom scalar: how to serialize a value, and how to parse a client's."""


def codec_of(scalar: ScalarModel) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """How a scalar of the service's own is written, and read.

    What its `parse` refuses is a client's mistake.
    """

    def parse(value: Any) -> Any:
        try:
            return scalar.parse(value)
        except (TypeError, ValueError, ArithmeticError) as wrong:
            raise GraphQLError(f"{value!r} is no {scalar.name}: {wrong}") from None

    return scalar.serialize, parse
