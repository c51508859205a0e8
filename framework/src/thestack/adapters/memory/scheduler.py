"""Messages that are kept until a moment, in memory."""

from datetime import datetime

from thestack.ports.envelope import Envelope

Kept = tuple[datetime, str, Envelope]
"""When, to which queue, and what."""


class MemoryScheduler:
    """Keeps messages in `kept`, by name, until somebody takes what is due."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}

    async def keep(self, name: str, when: datetime, address: str, envelope: Envelope) -> str | None:
        if not self._is_said_later(name, envelope):
            self.kept[name] = (when, address, envelope)
        return None

    async def drop(self, name: str, envelope: Envelope) -> str | None:
        if not self._is_said_later(name, envelope):
            self.kept.pop(name, None)
        return None

    def take(self, now: datetime) -> list[Kept]:
        """What is due, in the order of its time, and kept no longer."""
        due = {name: each for name, each in self.kept.items() if each[0] <= now}
        for name in due:
            del self.kept[name]
        return sorted(due.values(), key=lambda each: each[0])

    def _is_said_later(self, name: str, envelope: Envelope) -> bool:
        return name in self.kept and self.kept[name][2].id > envelope.id
