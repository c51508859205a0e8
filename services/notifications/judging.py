"""Whether a user may be told of something now: their wishes, and whether there is still something to tell."""

from datetime import datetime

from services.notifications.domain import Verdict, judge
from services.notifications.records import Channel, Ended, NotificationPreferences, State, Topic, usual
from thestack import Id, Store


async def judged(
    user: Id,
    channel: Channel,
    topic: Topic,
    about: Id,
    preferences: Store[NotificationPreferences],
    ended: Store[Ended],
    now: datetime,
) -> tuple[NotificationPreferences, Verdict | None]:
    """What the user wishes, and why they must not be told by this channel now; None where they may."""
    wishes = await preferences.owned_by(user).find(user) or usual(user)
    if topic is Topic.REMINDERS and await ended.owned_by(user).find(about):
        return wishes, Verdict(State.CANCELLED, "there is nothing to be reminded of")
    return wishes, judge(wishes, channel, topic, now)
