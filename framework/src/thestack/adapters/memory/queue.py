"""Queues in memory."""

from collections import defaultdict
from collections.abc import Sequence

from thestack.ports.envelope import Envelope


class MemoryQueue:
    """Keeps what was sent in `sent`, by address."""

    def __init__(self) -> None:
        self.sent: dict[str, list[Envelope]] = defaultdict(list)

    async def send(self, address: str, envelopes: Sequence[Envelope]) -> list[str | None]:
        self.sent[address] += envelopes
        return [None] * len(envelopes)
