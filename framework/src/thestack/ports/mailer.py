"""Sending e-mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class MailRefused(Exception):
    """The provider answered that it will not send this mail; nothing was sent. The message says why."""


class MailThrottled(Exception):
    """The provider takes no more mails for now, by its rate or its quota; nothing was sent. Send it later."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to one address.

    `text` is the plain body, `html` the optional rich one. The sender is the environment's, never the
    caller's. `headers` are further ones, such as `List-Unsubscribe`. `tags` do not leave the provider: they
    come back with what it tells of the mail, of a bounce say; they hold letters, digits, `_`, `-`, `.` and
    `@` of ASCII.
    """

    to: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


class Mailer(Protocol):
    """Sends e-mail. Wrap it in `Once` where a repeat would be noticed: SES has no idempotency key."""

    async def send(self, mail: Mail) -> str:
        """Send and answer the provider's message id.

        Raises `MailRefused` when the provider refuses this mail, `MailThrottled` when it takes none for now,
        `Uncertain` when it did not answer; after any other exception nothing was sent.
        """
        ...
