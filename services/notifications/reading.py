"""What a user was told, and has read."""

from services.notifications.records import Inbox, Notification
from thestack import Caller, Clock, Connection, Id, Owned, Page, Part, signed_in

AT_ONCE = 90
"""One transaction marks so many; it holds 100 items."""

reading = Part()


@reading.query(allow=signed_in)
async def my_notifications(
    page: Page, unread: bool = False, *, mine: Owned[Notification]
) -> Connection[Notification]:
    """What the caller was told or was to be told, latest first; `unread` leaves out what they have read."""
    by = Notification.by_unread if unread else Notification.by_time
    return await mine.page(by.descending(), page)


@reading.query(allow=signed_in)
async def unread_notifications(*, mine: Owned[Inbox], caller: Caller) -> int:
    """How many of the caller's notifications are unread."""
    inbox = await mine.find(caller.id)
    return inbox.unread if inbox else 0


@reading.mutation(allow=signed_in)
async def mark_notification_read(
    id: Id, *, mine: Owned[Notification], inbox: Owned[Inbox], caller: Caller, clock: Clock
) -> Notification:
    """Mark one as read; one that is read stays as it is."""
    notification = await mine.get(id)
    if notification.unread_since is None:
        return notification
    notification.unread_since, notification.read_at = None, clock.now()
    await inbox.add(Inbox(id=caller.id, unread=-1))
    return await mine.put(notification)


@reading.mutation(allow=signed_in)
async def mark_all_notifications_read(
    *, mine: Owned[Notification], inbox: Owned[Inbox], caller: Caller, clock: Clock
) -> int:
    """Mark the 90 oldest unread ones as read; answers how many are left, for which it is asked again."""
    now, marked = clock.now(), 0
    async for notification in mine.each(Notification.by_unread):
        notification.unread_since, notification.read_at = None, now
        await mine.put(notification)
        marked += 1
        if marked == AT_ONCE:
            break
    known = await inbox.find(caller.id)
    if marked:
        await inbox.add(Inbox(id=caller.id, unread=-marked))
    return (known.unread if known else 0) - marked
