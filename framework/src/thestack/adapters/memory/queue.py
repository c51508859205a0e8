"""Queues in memory."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta

from thestack.ports.envelope import Envelope


class MemoryQueue:
    """Keeps what was sent in `sent`, by address, and in `waits`, by id, what nobody may take yet. Has every
    queue, or those at `addresses`.
    """

    def __init__(self, addresses: Collection[str] | None = None) -> None:
        self.sent: dict[str, list[Envelope]] = defaultdict(list)
        self.waits: dict[str, timedelta] = {}
        self._addresses = addresses
        self._refusals: Counter[str] = Counter()

    async def send(
        self, address: str, envelopes: Sequence[Envelope], waits: Sequence[timedelta | None] = ()
    ) -> list[str | None]:
        if self._addresses is not None and address not in self._addresses:
            return [f"there is no queue {address}"] * len(envelopes)
        waited = waits or [None] * len(envelopes)
        self.waits |= {
            each.id: wait for each, wait in zip(envelopes, waited, strict=True) if wait is not None
        }
        return self._take_all(address, envelopes)

    def refuse(self, id: str, times: int) -> None:
        """Refuse the envelope with this id for the next so many tries."""
        self._refusals[id] = times

    def _take_all(self, address: str, envelopes: Sequence[Envelope]) -> list[str | None]:
        stopped: set[tuple[str, str | None]] = set()
        reasons: list[str | None] = []
        for envelope in envelopes:
            group = (envelope.tenant, envelope.partition_key)
            held = address.endswith(".fifo") and group in stopped
            reason = "an earlier one of its group was refused" if held else self._take(address, envelope)
            if reason:
                stopped.add(group)
            reasons.append(reason)
        return reasons

    def _take(self, address: str, envelope: Envelope) -> str | None:
        if address.endswith(".fifo") and any(each.id == envelope.id for each in self.sent[address]):
            return None
        if self._refusals[envelope.id] > 0:
            self._refusals[envelope.id] -= 1
            return "InternalError"
        self.sent[address].append(envelope)
        return None
