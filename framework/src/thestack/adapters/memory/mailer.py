"""A mailer that sends nothing."""

import asyncio
from math import inf

from thestack.ports.mailer import Mail, MailRefused


class MemoryMailer:
    """Keeps what was sent in `sent`."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self._refusal: str | None = None
        self._refusals: float = 0

    async def send(self, mail: Mail) -> str:
        await asyncio.sleep(0)
        if self._refusal and self._refusals > 0:
            self._refusals -= 1
            raise MailRefused(self._refusal)
        self.sent.append(mail)
        return f"mail-{len(self.sent)}"

    def refuse(self, reason: str, times: float = inf) -> None:
        """Refuse the next so many mails, or every one from now on."""
        self._refusal, self._refusals = reason, times

    def accept(self) -> None:
        """Take mails again."""
        self._refusal = None
