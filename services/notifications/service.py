"""Notifications: takes requests to e-mail a user, sends each once, and remembers what it sent."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from thestack import (
    Clock,
    Connection,
    Entity,
    Foreign,
    Id,
    Index,
    Mail,
    Mailer,
    Message,
    Once,
    Owned,
    Page,
    Profiles,
    Retry,
    Service,
    Store,
    owner,
    signed_in,
)

service = Service("notifications")


class Todo(Foreign, service="todo"):
    id: Id


class SentEmail(Entity, key="id", owner="owner_id", allow=owner):
    """An e-mail that went out to its owner. `id` is the mail provider's."""

    id: Id
    owner_id: Id
    about: Id
    subject: str
    sent_at: datetime
    by_time = Index("owner_id", "sent_at", sort=datetime)
    by_about = Index("owner_id", "about", sort=str)


class SendEmail(Message, queue="email"):
    """A request to e-mail a user; `about` is the id of whatever it tells of."""

    to_user: Id
    about: Id
    subject: str
    text: str


@service.queue(retry=Retry(attempts=3, first_delay=timedelta(seconds=1)))
async def send_email(
    message: SendEmail,
    /,
    *,
    sent: Store[SentEmail],
    once: Once,
    mailer: Mailer,
    profiles: Profiles,
    clock: Clock,
) -> None:
    recipient = await profiles.profile(message.to_user)
    mail = Mail(to=recipient.email, subject=message.subject, text=message.text)
    id = Id(await once("send", lambda: mailer.send(mail)))
    record = SentEmail(
        id=id, owner_id=message.to_user, about=message.about, subject=message.subject, sent_at=clock.now()
    )
    await sent.owned_by(message.to_user).put(record)


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
