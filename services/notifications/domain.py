"""When a user may be told of something, and what is kept of it: rules without anything around them."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from services.notifications.records import (
    Channel,
    Delivery,
    Muted,
    Notification,
    NotificationPreferences,
    State,
    Topic,
)
from thestack import Id

FIRST_WAIT, LONGEST_WAIT, MOST_TRIES = timedelta(seconds=15), timedelta(hours=4), 12
"""A provider that takes no more is asked again in 15 s, then after twice as long, for 12 hours altogether.
After that the message is a dead letter, and not lost either.
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a notification on a channel. `until` is when to try again, of a DEFERRED one; `id` is
    the provider's, of a SENT one.
    """

    state: State
    reason: str | None = None
    until: datetime | None = None
    id: str | None = None


def judge(wishes: NotificationPreferences, channel: Channel, topic: Topic, now: datetime) -> Verdict | None:
    """Why a user must not be told of this topic by this channel now; None where they may."""
    if Muted(channel=channel, topic=topic) in wishes.muted:
        return Verdict(State.UNSUBSCRIBED, "the user wants none")
    until = quiet_until(wishes, now)
    return Verdict(State.DEFERRED, "quiet hours", until) if until else None


def quiet_until(wishes: NotificationPreferences, now: datetime) -> datetime | None:
    """When the quiet hours end that it is in now; None where it is in none."""
    begin, end = wishes.quiet_from, wishes.quiet_until
    if begin is None or end is None or begin == end:
        return None
    local = now.astimezone(ZoneInfo(wishes.zone))
    if not _is_between(local.time(), begin, end):
        return None
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, local.tzinfo).astimezone(now.tzinfo)


def _is_between(moment: time, begin: time, end: time) -> bool:
    return begin <= moment < end if begin < end else moment >= begin or moment < end


def wait_after(tries: int) -> timedelta:
    """How long to wait after having been put off so often."""
    return min(FIRST_WAIT * (1 << tries), LONGEST_WAIT)


def is_settled(notification: Notification, channel: Channel) -> bool:
    """Whether nothing more is to be done about it on this channel."""
    states = (each.state for each in notification.deliveries if each.channel is channel)
    return any(state is not State.DEFERRED for state in states)


def begun(user: Id, cause: Id, about: Id, topic: Topic, title: str, now: datetime) -> Notification:
    """A notification of which nothing was delivered yet, and which nobody has read."""
    return Notification(
        id=cause,
        owner_id=user,
        about=about,
        topic=topic,
        title=title,
        created_at=now,
        deliveries=[],
        unread_since=now,
    )


def settle(notification: Notification, channel: Channel, verdict: Verdict, now: datetime) -> None:
    """Note what became of it on this channel, in place of what was noted before."""
    others = [each for each in notification.deliveries if each.channel is not channel]
    said = Delivery(channel=channel, state=verdict.state, at=now, reason=verdict.reason, id=verdict.id)
    notification.deliveries = [*others, said]


def digest_of_address(address: str) -> str:
    """What stands for an e-mail address, however it is written, where it must not be readable."""
    return sha256(address.strip().lower().encode()).hexdigest()
