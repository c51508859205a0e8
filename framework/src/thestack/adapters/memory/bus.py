"""A bus in memory."""

from collections import Counter
from collections.abc import Sequence

from thestack.ports.envelope import Envelope


class MemoryBus:
    """Keeps what was published in `published`."""

    def __init__(self) -> None:
        self.published: list[Envelope] = []
        self._refusals: Counter[str] = Counter()

    async def publish(self, envelopes: Sequence[Envelope]) -> list[str | None]:
        return [self._take(envelope) for envelope in envelopes]

    def refuse(self, id: str, times: int) -> None:
        """Refuse the envelope with this id for the next so many tries."""
        self._refusals[id] = times

    def _take(self, envelope: Envelope) -> str | None:
        if self._refusals[envelope.id] > 0:
            self._refusals[envelope.id] -= 1
            return "InternalFailure"
        self.published.append(envelope)
        return None
