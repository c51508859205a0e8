"""Time as a dependency, so that tests and replays choose it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time. A handler asks for it as `*, clock: Clock`."""

    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        ...
