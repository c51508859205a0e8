"""Ctrl-C and its like, heard where this process waits, so that no step is cut in two."""

import os
import select
import signal
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
        self._before: list[tuple[signal.Signals, Any]] = []
        # Not an Event: its lock may be held by the very wait that a signal's handler interrupts.
        self._asked, self._ask = os.pipe()

    def pause(self, seconds: float) -> None:
        """Wait. Raises `Interrupted`, at once if the process was asked to end before."""
        select.select([self._asked], [], [], seconds)
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
        os.close(self._ask)
        os.close(self._asked)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._number is None:
            self._number = number
            os.write(self._ask, b"!")
