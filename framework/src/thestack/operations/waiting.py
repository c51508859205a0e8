"""Waiting for what AWS does in its own time."""

import time
from collections.abc import Callable

from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError

_EMULATED_SECONDS, _EMULATED_STEP = 60.0, 0.02


def wait(
    aws: Aws, done: Callable[[], bool], otherwise: str, *, seconds: float, step: float, advice: str = ""
) -> None:
    """Return once `done` holds. On AWS it is asked every `step` seconds, for at most `seconds`; an emulator
    is quick.

    Raises `OperationError` with `otherwise`, the time, and `advice`.
    """
    if aws.endpoint:
        seconds, step = _EMULATED_SECONDS, _EMULATED_STEP
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise OperationError(f"{otherwise} after {seconds:.0f} s{advice and f'; {advice}'}")
        time.sleep(step)
