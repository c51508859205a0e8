"""Waiting for what comes in its own time, without sleeping longer than it takes."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 30.0
_STEP = 0.05
_T = TypeVar("_T")


def eventually(look: Callable[[], _T], *, within: float = PATIENCE, what: str = "") -> _T:
    """What `look` answers, once that is true.

    Raises `AssertionError` when it is not after `within` seconds, saying what was waited for.
    """
    deadline = time.monotonic() + within
    while not (answer := look()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {within} s: {what or look}")
        time.sleep(_STEP)
    return answer
