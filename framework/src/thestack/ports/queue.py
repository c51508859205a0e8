"""Point-to-point messages."""

from collections.abc import Sequence
from typing import Protocol

from thestack.ports.envelope import Envelope


class Queue(Protocol):
    """Sends messages to queues. `address` is "service/queue", as `thestack.definition.names` computes it."""

    async def send(self, address: str, envelopes: Sequence[Envelope]) -> list[str | None]:
        """Send all, in as few requests as the queue allows.

        Answers one entry per envelope, in order: None where the queue accepted it, else the reason why not.
        """
        ...
