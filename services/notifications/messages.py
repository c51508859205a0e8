"""What notifications is asked to do."""

from datetime import datetime

from services.notifications.records import Topic
from thestack import Id, Message


class SendEmail(Message, queue="email"):
    """A request to e-mail a user; `about` is the id of whatever it tells of.

    Of two with one `cause` for a user the first is sent; one without is a cause of its own. `due_at` is
    written into reminders. `tries` counts how often it was put off because the provider took no more.
    """

    to_user: Id
    about: Id
    subject: str
    text: str
    cause: Id | None = None
    topic: Topic = Topic.UPDATES
    due_at: datetime | None = None
    tries: int = 0


class SendPush(Message, queue="push"):
    """A request to push to the devices of a user the notification that `cause` names."""

    to_user: Id
    cause: Id
    text: str


class Remind(Message, queue="reminders"):
    """A request to remind a user of what is due, sent when it is."""

    to_user: Id
    about: Id
    title: str
    due_at: datetime
