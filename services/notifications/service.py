"""Notifications: e-mails and pushes, each sent once, as its user wants them; and what became of each."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from services.notifications.domain import begun, is_settled, settle
from services.notifications.emailing import Outgoing, put_off
from services.notifications.judging import judged
from services.notifications.messages import SendEmail
from services.notifications.preferring import preferring
from services.notifications.pushing import pushing
from services.notifications.reading import reading
from services.notifications.records import (
    Channel,
    Ended,
    Inbox,
    Notification,
    NotificationPreferences,
    SentEmail,
    State,
    Suppressed,
)
from services.notifications.reminding import reminding
from services.notifications.returning import returning
from thestack import (
    Clock,
    Connection,
    Foreign,
    Function,
    Id,
    Links,
    Mailer,
    Once,
    Owned,
    Page,
    Profiles,
    Retry,
    Secret,
    Service,
    Store,
    new_id,
    parameter,
    signed_in,
)

__all__ = ["SendEmail", "SentEmail", "Todo", "emails", "send_email", "sent_emails", "service"]

service = Service("notifications")
service.include(preferring, pushing, reading, reminding, returning)


class Todo(Foreign, service="todo"):
    id: Id


@service.queue(
    retry=Retry(attempts=3, first_delay=timedelta(seconds=1)),
    concurrency=2,  # SES counts mails by the second: who waits here is not turned away there
    cyclic=True,
    function=Function(requirements="mail.txt"),
)
async def send_email(
    message: SendEmail,
    /,
    *,
    notifications: Store[Notification, SendEmail],
    inboxes: Store[Inbox],
    sent: Store[SentEmail],
    preferences: Store[NotificationPreferences],
    suppressed: Store[Suppressed],
    ended: Store[Ended],
    once: Once,
    mailer: Mailer,
    profiles: Profiles,
    clock: Clock,
    links: Links,
    key: Annotated[Secret, parameter("unsubscribe-key")],
) -> None:
    user, now = message.to_user, clock.now()
    rows = notifications.owned_by(user)
    known = await rows.find(message.cause) if message.cause else None
    if known and is_settled(known, Channel.EMAIL):
        return
    wishes, verdict = await judged(user, Channel.EMAIL, message.topic, message.about, preferences, ended, now)
    if verdict is None:
        address = (await profiles.profile(user)).email
        outgoing = Outgoing(message, address, wishes.zone, links, key)
        verdict = await outgoing.suppression(suppressed) or await outgoing.send(once, mailer, now)
    if verdict.state is State.SENT and verdict.id:
        record = SentEmail(
            id=Id(verdict.id), owner_id=user, about=message.about, subject=message.subject, sent_at=now
        )
        await sent.owned_by(user).put(record)
    cause = message.cause or new_id()
    notification = known or begun(user, cause, message.about, message.topic, message.subject, now)
    settle(notification, Channel.EMAIL, verdict, now)
    again = put_off(message, notification.id, verdict.until, now) if verdict.until else None
    await rows.put(notification, emit=again)
    if known is None:
        await inboxes.owned_by(user).add(Inbox(id=user, unread=1))


@service.query(allow=signed_in)
async def sent_emails(page: Page, *, mine: Owned[SentEmail]) -> Connection[SentEmail]:
    """What was sent to the caller, latest first."""
    return await mine.page(SentEmail.by_time.descending(), page)


@service.batch_field()
async def emails(todos: Sequence[Todo], /, *, mine: Owned[SentEmail]) -> list[list[SentEmail]]:
    """What was sent to the caller about a todo."""

    async def about(todo: Todo) -> list[SentEmail]:
        return [email async for email in mine.each(SentEmail.by_about.equal(todo.id))]

    return list(await asyncio.gather(*(about(todo) for todo in todos)))
