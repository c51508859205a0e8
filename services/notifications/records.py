"""What notifications keeps: of each notification what became of it, and of each user what they want."""

from datetime import datetime, time
from enum import StrEnum
from typing import Annotated

from services.notifications.push import Platform
from thestack import Counter, Entity, Id, Index, Key, Value, group, owner, scalar


class Channel(StrEnum):
    EMAIL = "EMAIL"
    PUSH = "PUSH"


class Topic(StrEnum):
    """What a notification is about, as far as users choose."""

    UPDATES = "UPDATES"
    REMINDERS = "REMINDERS"


class State(StrEnum):
    """What became of a notification on a channel. Of DEFERRED more is to come."""

    SENT = "SENT"
    SUPPRESSED = "SUPPRESSED"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    DEFERRED = "DEFERRED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class Delivery(Value):
    """What became of a notification on one channel, and why. `id` is the provider's."""

    channel: Channel
    state: State
    at: datetime
    reason: str | None = None
    id: str | None = None


class Notification(Entity, key="id", owner="owner_id", allow=owner):
    """Something that its owner was told, or was not. `id` is its cause, of which there is one for each owner.
    `unread_since` is null once it is read.
    """

    id: Id
    owner_id: Id
    about: Id
    topic: Topic
    title: str
    created_at: datetime
    deliveries: list[Delivery]
    unread_since: datetime | None
    read_at: datetime | None = None
    by_time = Index("owner_id", "created_at", sort=datetime)
    by_unread = Index("owner_id", "unread_since", sort=datetime, sparse=True)


class Inbox(Entity, key="id", owner="id", allow=owner):
    """How many of its owner's notifications are unread."""

    id: Id
    unread: Counter = 0


class SentEmail(Entity, key="id", owner="owner_id", allow=owner):
    """An e-mail that went out to its owner. `id` is the mail provider's."""

    id: Id
    owner_id: Id
    about: Id
    subject: str
    sent_at: datetime
    by_time = Index("owner_id", "sent_at", sort=datetime)
    by_about = Index("owner_id", "about", sort=str)


def written(moment: time) -> str:
    """A time of day, to the minute: "22:00"."""
    return moment.isoformat("minutes")


LocalTime = Annotated[
    time, scalar("LocalTime", parse=time.fromisoformat, serialize=written, description='A time: "22:00".')
]


class Muted(Value):
    """What its owner does not want: a topic on a channel."""

    channel: Channel
    topic: Topic


class NotificationPreferences(Entity, key="id", owner="id", allow=owner):
    """What a user wants to be told, and when. In quiet hours, of the user's time zone, nothing is sent: it is
    put off to their end.
    """

    id: Id
    zone: str = "UTC"
    quiet_from: LocalTime | None = None
    quiet_until: LocalTime | None = None
    muted: list[Muted]


def usual(user: Id) -> NotificationPreferences:
    """What a user wants who has said nothing: everything, at any time."""
    return NotificationPreferences(id=user, muted=[])


class Device(Entity, key="id", owner="owner_id", allow=owner):
    """A device that takes pushes. `id` is a digest of its token, `endpoint` the provider's name for it."""

    id: Id
    owner_id: Id
    platform: Platform
    endpoint: str
    registered_at: datetime
    by_time = Index("owner_id", "registered_at", sort=datetime)
    by_token = Index("id", "registered_at", sort=datetime)


class Suppressed(Entity, key=Key("digest", "reason"), allow=group("staff")):
    """An address that gets no mail, by a digest: who may read this can tell whether an address that they know
    is on the list, and not which ones are.
    """

    digest: str
    reason: str
    since: datetime


class Ended(Entity, key="id", owner="owner_id", expires="forgotten_at", allow=owner):
    """Something that needs no reminder any more; kept for as long as a late one may come."""

    id: Id
    owner_id: Id
    forgotten_at: datetime
