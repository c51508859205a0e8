"""What a consumer may do with a message besides taking it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a message.

    `attempt` counts from 1; `receipt` is the transport's handle of this delivery. `group` is what it has in
    common with those that are taken in order, in a queue that keeps it.
    """

    id: str
    body: str
    attempt: int
    receipt: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message was given up: the error's class and text, and which handler saw it."""

    handler: str
    cause: str
    reason: str
    attempts: int


class Deliveries(Protocol):
    """The receiving end of one consumer's queue."""

    async def postpone(self, delivery: Delivery, delay: timedelta) -> None:
        """Let the message come back after `delay`, instead of after the whole visibility timeout."""
        ...

    async def park(self, delivery: Delivery, refusal: Refusal) -> None:
        """Put the message into the DLQ with the reason. When this returns, it is there."""
        ...
