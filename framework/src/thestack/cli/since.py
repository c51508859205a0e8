"""Lengths of time as options have them: `--since`, how far back a command looks, and others."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from thestack.cli.output import UsageMistake

SinceOption = Annotated[str, typer.Option(metavar="TIME", help="How far back to look: 30s, 10m, 2h, 1d.")]
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(since: str) -> datetime:
    """The moment that the option means. Raises `UsageMistake`."""
    return datetime.now(UTC) - length(since, "time to look back")


def length(text: str, what: str) -> timedelta:
    """The length of time that an option means; `what` says what it is for. Raises `UsageMistake`."""
    found = re.fullmatch(r"(\d{1,5})([smhd])", text)
    if not found:
        raise UsageMistake(f"{text!r} is no {what}; write a number and s, m, h or d, as in 10m")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
