"""What a run did besides answering, kept for whoever tells of it afterwards: the log, a trace."""

from dataclasses import dataclass, field

from thestack.ports import Envelope, Mail, Mailer


@dataclass(slots=True)
class Journal:
    """The notes of one run: of a request, or of a delivery.

    `operation` and `fields` are of GraphQL, `heard` is a consumer's. `caused` is what was committed,
    `failures` are the errors that nobody expected and no client sees, `mails` the provider's ids.
    """

    operation: str = ""
    fields: tuple[str, ...] = ()
    heard: Envelope | None = None
    caused: list[Envelope] = field(default_factory=list[Envelope])
    failures: list[Exception] = field(default_factory=list[Exception])
    mails: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class JournaledMailer:
    """A mailer whose e-mails are noted, without their recipients."""

    mailer: Mailer
    journal: Journal

    async def send(self, mail: Mail) -> str:
        id = await self.mailer.send(mail)
        self.journal.mails.append(id)
        return id
