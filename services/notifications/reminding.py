"""Reminders: what is due is told by e-mail and push, unless it has ended meanwhile."""

from datetime import timedelta

from services.notifications.domain import begun
from services.notifications.messages import Remind, SendEmail, SendPush
from services.notifications.records import Ended, Inbox, Notification, Topic
from thestack import Clock, ForeignEvent, Id, Part, Store

REMEMBERED = timedelta(days=7)
"""For longer than a reminder can be on its way: a cancelled one for a minute or two, one that was put off by
quiet hours or a busy provider for a day.
"""

reminding = Part()


class TodoCompleted(ForeignEvent, name="todo.completed", version=1, source="todo"):
    todo_id: Id
    owner_id: Id


class TodoDeleted(ForeignEvent, name="todo.deleted", version=1, source="todo"):
    todo_id: Id
    owner_id: Id


@reminding.on()
async def todo_ended(event: TodoCompleted | TodoDeleted, /, *, ended: Store[Ended], clock: Clock) -> None:
    """Remember that a todo needs no reminder: todo cancels it, but maybe too late for one that is due."""
    forgotten = clock.now() + REMEMBERED
    rows = ended.owned_by(event.owner_id)
    known = await rows.find(event.todo_id)
    if known is None:
        await rows.put(Ended(id=event.todo_id, owner_id=event.owner_id, forgotten_at=forgotten))


@reminding.queue()
async def remind(
    message: Remind,
    /,
    *,
    notifications: Store[Notification, SendEmail | SendPush],
    inboxes: Store[Inbox],
    ended: Store[Ended],
    clock: Clock,
) -> None:
    user, now = message.to_user, clock.now()
    cause = Id(f"reminder/{message.about}/{message.due_at.isoformat()}")
    rows = notifications.owned_by(user)
    if await ended.owned_by(user).find(message.about) or await rows.find(cause):
        return
    subject, text = f"Due: {message.title}", f"You wanted to be done with this: {message.title}"
    email = SendEmail(
        to_user=user,
        about=message.about,
        subject=subject,
        text=text,
        cause=cause,
        topic=Topic.REMINDERS,
        due_at=message.due_at,
    )
    notification = begun(user, cause, message.about, Topic.REMINDERS, subject, now)
    push = SendPush(to_user=user, cause=cause, text=text)
    await rows.put(notification, emit=[email, push])
    await inboxes.owned_by(user).add(Inbox(id=user, unread=1))
