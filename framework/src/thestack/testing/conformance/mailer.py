# ruff: noqa: S101 - a suite of tests asserts
"""What every Mailer does."""

from collections.abc import Sequence
from typing import Protocol

import pytest

from thestack.ports import Mail, Mailer, MailRefused


class MailerUnderTest(Protocol):
    """A mailer with a mailbox at the other end."""

    @property
    def mailer(self) -> Mailer: ...

    async def sent(self, to: str) -> Sequence[Mail]:
        """The mails that went to this address."""
        ...

    def refusing(self) -> Mailer:
        """A mailer, with the same mailbox, whose provider refuses: of a sender that is not verified."""
        ...


@pytest.mark.asyncio
class MailerConformance:
    """Inherit and give the fixture `post`, a `MailerUnderTest`."""

    async def test_a_mail_arrives_whole(self, post: MailerUnderTest) -> None:
        mail = Mail(
            "alice@example.org", "Fertig \u2713 Zoë", "First line\nSecond \U0001f600", "<p>Zoë &amp; co</p>"
        )
        assert await post.mailer.send(mail)
        assert await post.sent("alice@example.org") == [mail]

    async def test_a_mail_may_be_plain(self, post: MailerUnderTest) -> None:
        mail = Mail("bob@example.org", "Hello", "Text")
        await post.mailer.send(mail)
        assert await post.sent("bob@example.org") == [mail]

    async def test_each_mail_has_an_id_of_its_own(self, post: MailerUnderTest) -> None:
        mail = Mail("carol@example.org", "Hello", "Text")
        assert await post.mailer.send(mail) != await post.mailer.send(mail)

    async def test_a_refused_mail_says_why_and_is_not_sent(self, post: MailerUnderTest) -> None:
        with pytest.raises(MailRefused, match=r"\w+"):
            await post.refusing().send(Mail("dora@example.org", "Hello", "Text"))
        assert list(await post.sent("dora@example.org")) == []
