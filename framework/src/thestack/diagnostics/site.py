"""Where in a user's file something was declared."""

import sys
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = str(Path(__file__).resolve().parent.parent)


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a file; `line` counts from 1. `name` is the class or function declared there."""

    file: str
    line: int
    name: str = ""


def caller_site(name: str = "") -> Site:
    """The nearest frame outside the framework and pydantic: the line of the user's declaration."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        file = frame.f_code.co_filename
        if not file.startswith((_PACKAGE, "<frozen")) and "pydantic" not in file:
            break
        frame = frame.f_back
    return Site(frame.f_code.co_filename, frame.f_lineno, name)
