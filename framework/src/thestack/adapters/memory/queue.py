"""Queues in memory."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from thestack.ports.envelope import Envelope


class MemoryQueue:
    """Keeps what was sent in `sent`, by address. Has every queue, or those at `addresses`."""

    def __init__(self, addresses: Collection[str] | None = None) -> None:
        self.sent: dict[str, list[Envelope]] = defaultdict(list)
        self._addresses = addresses
        self._refusals: Counter[str] = Counter()

    async def send(self, address: str, envelopes: Sequence[Envelope]) -> list[str | None]:
        if self._addresses is not None and address not in self._addresses:
            return [f"there is no queue {address}"] * len(envelopes)
        return [self._take(address, envelope) for envelope in envelopes]

    def refuse(self, id: str, times: int) -> None:
        """Refuse the envelope with this id for the next so many tries."""
        self._refusals[id] = times

    def _take(self, address: str, envelope: Envelope) -> str | None:
        if self._refusals[envelope.id] > 0:
            self._refusals[envelope.id] -= 1
            return "InternalError"
        self.sent[address].append(envelope)
        return None
