"""The machine's time."""

from datetime import UTC, datetime


class SystemClock:
    """A clock that goes."""

    def now(self) -> datetime:
        return datetime.now(UTC)
