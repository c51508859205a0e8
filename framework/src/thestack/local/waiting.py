"""Work in threads, awaited so that Ctrl-C is heard and the emulator's death is noticed."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from thestack.local.emulator import Emulator
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Pause

_STEP = 0.01
_THREADS = 2
"""Cold starts are the CPU's work: more at once makes the first answer later."""
_T = TypeVar("_T")


@contextmanager
def threads(most: int = _THREADS) -> Iterator[ThreadPoolExecutor]:
    """Threads whose work is given up at the end: what they wait for is ended next."""
    pool = ThreadPoolExecutor(most)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def result(future: "Future[_T]", emulator: Emulator, pause: Pause) -> _T:
    """What a thread comes to, as long as the emulator lives. Raises `OperationError` where it has ended."""
    while not future.done():
        emulator.check()
        pause(_STEP)
    try:
        return future.result()
    except OperationError:
        emulator.check()  # its end is the better reason
        raise
