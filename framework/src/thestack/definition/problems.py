"""Errors that a client is told of, by a stable code."""

from typing import ClassVar


class Problem(Exception):
    """An expected failure of an operation. Subclass it with a code and raise it; the message is shown to the
    client.

    Example: `class AlreadyDone(Problem, code="TODO_ALREADY_DONE"): ...`
    """

    code: ClassVar[str] = "PROBLEM"

    def __init_subclass__(cls, *, code: str) -> None:
        super().__init_subclass__()
        cls.code = code

    def __init__(self, message: str = "", *, field: tuple[str | int, ...] = ()) -> None:
        super().__init__(message or self.code.replace("_", " ").capitalize() + ".")
        self.field = field


class NotFound(Problem, code="NOT_FOUND"):
    """There is no such row, or the caller may not know of it."""


class Conflict(Problem, code="CONFLICT"):
    """The row changed since it was read; read it again and decide anew."""


class Taken(Problem, code="TAKEN"):
    """Another row has the value, of which no two may have the same; `field` names it, or the last of several
    that are unique together.
    """


class BadInput(Problem, code="BAD_USER_INPUT"):
    """The input breaks a constraint; `field` is the path to it."""


class Unauthenticated(Problem, code="UNAUTHENTICATED"):
    """The operation needs a signed-in caller."""


class Forbidden(Problem, code="FORBIDDEN"):
    """The caller is known, and may not do this."""


class TooLarge(Problem, code="TRANSACTION_TOO_LARGE"):
    """One handler changed or said more than one transaction can hold; nothing was written."""


class Reject(Problem, code="REJECTED"):
    """Raised in a consumer: this message can never succeed. It goes to the DLQ at once, with the reason."""


class Unconfirmed(Problem, code="UNCONFIRMED"):
    """An effect was started twice and confirmed neither time; whether it happened only a person can tell."""
