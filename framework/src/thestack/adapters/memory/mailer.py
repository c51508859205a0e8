"""A mailer that sends nothing."""

import asyncio
from math import inf

from thestack.ports.mailer import Mail, MailRefused


class MemoryMailer:
    """Keeps what was sent in `sent`."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self._failure: BaseException | None = None
        self._failures: float = 0
        self._is_sent = False

    async def send(self, mail: Mail) -> str:
        await asyncio.sleep(0)
        failure = self._failure if self._failures > 0 else None
        self._failures -= 1
        if failure is None or self._is_sent:
            self.sent.append(mail)
        if failure:
            raise failure
        return f"mail-{len(self.sent)}"

    def refuse(self, reason: str, times: float = inf) -> None:
        """Refuse the next so many mails, or every one from now on."""
        self.fail(MailRefused(reason), times)

    def fail(self, failure: BaseException, times: float = inf, *, sent: bool = False) -> None:
        """Raise this in place of an answer; with `sent` the mail has gone out all the same.

        `asyncio.CancelledError()` is a process that dies: nobody catches it.
        """
        self._failure, self._failures, self._is_sent = failure, times, sent

    def accept(self) -> None:
        """Take mails again."""
        self._failure = None
