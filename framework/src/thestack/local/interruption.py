"""Ctrl-C and its like, heard where this process waits, so that no step is cut in two."""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

Pause = Callable[[float], None]
"""Waits for so many seconds; raises to end what is under way. `time.sleep` is one."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """The process was asked to end, by the signal `number`."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"ended by {signal.Signals(number).name}")

    @property
    def exit_code(self) -> int:
        """What a shell expects of a process that a signal ended."""
        return 128 + self.number


class Interruption:
    """While entered, SIGINT, SIGTERM and SIGHUP end the next `pause`; a second one changes nothing."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._asked = threading.Event()
        self._before: list[tuple[signal.Signals, Any]] = []

    def pause(self, seconds: float) -> None:
        """Wait. Raises `Interrupted`, at once if the process was asked to end before."""
        self._asked.wait(seconds)
        if self._number is not None:
            raise Interrupted(self._number)

    def __enter__(self) -> "Interruption":
        self._before = [(number, signal.signal(number, self._hear)) for number in _SIGNALS]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._number is None:
            self._number = number
        self._asked.set()
