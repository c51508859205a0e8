"""One e-mail on its way: to whom, with which links, and what the provider says of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifications.domain import MOST_TRIES, Verdict, digest_of_address, wait_after
from services.notifications.messages import SendEmail
from services.notifications.records import State, Suppressed
from thestack import (
    Conflict,
    Id,
    Links,
    Mail,
    Mailer,
    MailRefused,
    MailThrottled,
    Once,
    Secret,
    Store,
)

LONGEST_HOLD = timedelta(minutes=15)
"""How long a queue holds a message back; what waits longer waits in a schedule, to the minute."""
A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be sent, to which address."""

    message: SendEmail
    address: str
    zone: str
    links: Links
    key: Secret

    async def suppression(self, suppressed: Store[Suppressed]) -> Verdict | None:
        """That the address gets no mail any more, and why, if so."""
        entries = (await suppressed.within(digest_of_address(self.address)).page()).nodes
        reason = next((each.reason for each in entries), None)
        return Verdict(State.SUPPRESSED, reason) if reason else None

    async def send(self, once: Once, mailer: Mailer, now: datetime) -> Verdict:
        """Send it once, whichever message asks for it; answers what became of it."""
        mail, cause = await self.mail(), self.message.cause
        try:
            key = f"{self.message.to_user}/{cause}" if cause else "send"
            id = await once(key, lambda: mailer.send(mail), shared=cause is not None)
        except MailRefused as refused:
            return Verdict(State.FAILED, str(refused))
        except MailThrottled as throttled:
            if self.message.tries >= MOST_TRIES:
                raise
            return Verdict(State.DEFERRED, str(throttled), now + wait_after(self.message.tries))
        except Conflict:
            return Verdict(State.DEFERRED, "another message of the same cause is at it", now + A_MOMENT)
        return Verdict(State.SENT, id=id)

    async def mail(self) -> Mail:
        """The mail, in two parts, with a link to unsubscribe from what it is about."""
        # Here, because Jinja and what signs are in this function's bundle alone.
        from services.notifications.mails import render
        from services.notifications.unsubscribing import ONE_CLICK, Subscription, sign

        message, tenant = self.message, self.links.tenant
        token = sign(Subscription(tenant, message.to_user, message.topic), await self.key.value())
        link = self.links.hook("unsubscribe", token=token)
        made = render(
            message.topic,
            subject=message.subject,
            text=message.text,
            unsubscribe=link,
            due_at=message.due_at,
            zone=self.zone,
        )
        return Mail(
            to=self.address,
            subject=made.subject,
            text=made.text,
            html=made.html,
            headers={"List-Unsubscribe": f"<{link}>", **ONE_CLICK},
            tags={"tenant": tenant, "topic": message.topic.value},
        )


def put_off(message: SendEmail, cause: Id, until: datetime, now: datetime) -> SendEmail:
    """The same request for later, as one of this cause."""
    later = SendEmail(
        to_user=message.to_user,
        about=message.about,
        subject=message.subject,
        text=message.text,
        cause=cause,
        topic=message.topic,
        due_at=message.due_at,
        tries=message.tries + 1,
    )
    if until - now <= LONGEST_HOLD:
        return later.after(until - now)
    return later.at(until, name=f"email/{message.to_user}/{cause}")
