"""Messages that are kept until a moment, and then sent to their queue."""

from datetime import datetime
from typing import Protocol

from thestack.ports.envelope import Envelope


class Scheduler(Protocol):
    """Keeps messages by name; of one name it keeps the one that was said last, by its envelope's id, in
    whatever order they come. `address` is "service/queue", as `thestack.definition.names` computes it.
    """

    async def keep(self, name: str, when: datetime, address: str, envelope: Envelope) -> str | None:
        """Send the envelope to the queue at `when`, within a minute of it. The same again is accepted, and
        sent once.

        Answers None once it is kept, else the reason why not.
        """
        ...

    async def drop(self, name: str, envelope: Envelope) -> str | None:
        """Do not send what is kept by this name, where it was said before this envelope. What was sent
        already can't be called back; that there is nothing is no error.

        Answers None once that is so, else the reason why not.
        """
        ...
