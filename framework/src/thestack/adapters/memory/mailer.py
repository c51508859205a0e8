"""A mailer that sends nothing."""

import asyncio

from thestack.ports.mailer import Mail, MailRefused


class MemoryMailer:
    """Keeps what was sent in `sent`."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self._refusal: str | None = None

    async def send(self, mail: Mail) -> str:
        await asyncio.sleep(0)
        if self._refusal:
            raise MailRefused(self._refusal)
        self.sent.append(mail)
        return f"mail-{len(self.sent)}"

    def refuse(self, reason: str) -> None:
        """Refuse every mail from now on."""
        self._refusal = reason

    def accept(self) -> None:
        """Take mails again."""
        self._refusal = None
