"""Time that stands still until it is told to move."""

from datetime import datetime, timedelta


class FixedClock:
    """A clock that tests set."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by
