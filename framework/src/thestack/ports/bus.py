"""Publish and subscribe between services."""

from collections.abc import Sequence
from typing import Protocol

from thestack.ports.envelope import Envelope


class EventBus(Protocol):
    """Carries events to every service that hears them."""

    async def publish(self, envelopes: Sequence[Envelope]) -> list[str | None]:
        """Publish all, in as few requests as the bus allows.

        Answers one entry per envelope, in order: None where the bus accepted it, else the reason why not.
        Never raises for one entry's
        sake: what was refused stays in the outbox and is tried again.
        """
        ...
