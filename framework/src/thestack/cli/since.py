"""`--since`: how far back a command looks."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from thestack.cli.output import UsageMistake

SinceOption = Annotated[str, typer.Option(metavar="TIME", help="How far back to look: 30s, 10m, 2h, 1d.")]
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(since: str) -> datetime:
    """The moment that the option means. Raises `UsageMistake`."""
    found = re.fullmatch(r"(\d{1,5})([smhd])", since)
    if not found:
        raise UsageMistake(f"{since!r} is no time to look back; write a number and s, m, h or d, as in 10m")
    return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})
