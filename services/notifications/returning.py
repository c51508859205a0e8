"""What comes back of mails: addresses that bounce, and people who complain, get no more."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from services.notifications.domain import digest_of_address
from services.notifications.records import Suppressed
from thestack import AwsEvent, Clock, Part, Store, group

PERMANENT, NOT_SPAM = "Permanent", "not-spam"
OURS = {"tags": {"ses:configuration-set": ["{environment}-mail"]}}
"""What SES says of a mail that went out by the environment's configuration set."""

returning = Part()


class Said(BaseModel):
    """A part of what SES says, with the fields that are read here."""

    model_config = ConfigDict(alias_generator=to_camel)


class Recipient(Said):
    email_address: str


class Mailed(Said):
    """The mail that it is about. Its tags are lists of one."""

    tags: dict[str, list[str]]


class Bounce(Said):
    bounce_type: str
    bounced_recipients: list[Recipient]


class Complaint(Said):
    complained_recipients: list[Recipient]
    complaint_feedback_type: str | None = None


class EmailBounced(
    AwsEvent,
    source="aws.ses",
    detail_type="Email Bounced",
    pattern={"bounce": {"bounceType": [PERMANENT]}, "mail": OURS},
):
    bounce: Bounce
    mail: Mailed

    @property
    def tenant(self) -> str:
        return self.mail.tags["tenant"][0]


class EmailComplained(
    AwsEvent, source="aws.ses", detail_type="Email Complaint Received", pattern={"mail": OURS}
):
    complaint: Complaint
    mail: Mailed

    @property
    def tenant(self) -> str:
        return self.mail.tags["tenant"][0]


@returning.on()
async def bounced(event: EmailBounced, /, *, suppressed: Store[Suppressed], clock: Clock) -> None:
    """An address that will never take mail gets none any more; a full mailbox is asked again."""
    if event.bounce.bounce_type == PERMANENT:
        for each in event.bounce.bounced_recipients:
            await _suppress(suppressed, each.email_address, "it bounced", clock)


@returning.on()
async def complained(event: EmailComplained, /, *, suppressed: Store[Suppressed], clock: Clock) -> None:
    """Who calls a mail spam gets none any more; some mailboxes tell, too, that one is none."""
    if event.complaint.complaint_feedback_type != NOT_SPAM:
        for each in event.complaint.complained_recipients:
            await _suppress(suppressed, each.email_address, "somebody complained", clock)


@returning.mutation(allow=group("staff"))
async def lift_suppression(address: str, *, suppressed: Store[Suppressed]) -> bool:
    """Let an address have mail again, once its owner has mended it; whether it had none."""
    rows = suppressed.within(digest_of_address(address))
    entries = (await rows.page()).nodes
    for each in entries:
        await rows.delete(each)
    return bool(entries)


async def _suppress(suppressed: Store[Suppressed], address: str, reason: str, clock: Clock) -> None:
    digest = digest_of_address(address)
    rows = suppressed.within(digest)
    if await rows.find(reason) is None:
        await rows.put(Suppressed(digest=digest, reason=reason, since=clock.now()))
