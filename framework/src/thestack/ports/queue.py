"""Point-to-point messages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from thestack.ports.envelope import Envelope


class Queue(Protocol):
    """Sends messages to queues. `address` is "service/queue", as `thestack.definition.names` computes it."""

    async def send(
        self, address: str, envelopes: Sequence[Envelope], waits: Sequence[timedelta | None] = ()
    ) -> list[str | None]:
        """Send all, in as few requests as the queue allows.

        `waits` are, for each envelope, how long nobody may take it, at most 15 minutes; None as long as the
        queue's own delay is. To an address that ends in ".fifo" envelopes of one tenant with the same
        `partition_key` are taken in the order in which they are sent, and one that was sent before is
        accepted and not sent again, within five minutes.

        Answers one entry per envelope, in order: None where the queue accepted it, else the reason why not.
        """
        ...
