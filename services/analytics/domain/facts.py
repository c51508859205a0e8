"""What of an event is counted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Step(StrEnum):
    """What becomes of a todo."""

    CREATED = "created"
    ATTACHED = "attached"
    COMPLETED = "completed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Progress:
    """That a todo took a step, at a moment."""

    todo_id: str
    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """That a file of so many bytes came."""

    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One event, as far as it is counted. `at` is when it was said, not when it arrived; `user` is whose
    doing it was, where the event says so.
    """

    event_id: str
    name: str
    at: datetime
    user: str | None = None
    progress: Progress | None = None
    upload: Upload | None = None
