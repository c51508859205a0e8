"""What analytics keeps. What begins with a generation (`1/...`) is of one building of the projections."""

from datetime import date, datetime

from thestack import Bucket, Counter, Entity, Id, Index, Key, group

STAFF = group("staff")
THE_ONE = Id("projections")
"""The id of the only row of its kind."""


class Archive(Bucket, name="archive"):
    """Every event as it came, by date and type."""


class Tally(Entity, key=Key("series", "at"), allow=STAFF, expires="expires_at"):
    """How many there were in a period of a series, which is on the board of that period."""

    series: str
    at: date
    board: str
    name: str
    count: Counter = 0
    total: Counter = 0
    expires_at: datetime | None = None
    by_at = Index("series", "at", sort=date)
    by_name = Index("board", "name", sort=str)


class Score(Entity, key=Key("board", "user_id"), allow=STAFF, expires="expires_at"):
    """How much a user did in a period."""

    board: str
    user_id: Id
    events: int
    expires_at: datetime | None = None
    by_events = Index("board", "events", sort=int)


class TodoJourney(Entity, key=Key("generation", "todo_id"), allow=STAFF, expires="expires_at"):
    """When a todo took which step, of those that were heard of."""

    generation: str
    todo_id: Id
    created_at: datetime | None = None
    attached_at: datetime | None = None
    completed_at: datetime | None = None
    deleted_at: datetime | None = None
    expires_at: datetime | None = None


class CountedEvent(Entity, key=Key("shelf", "event_id"), allow=STAFF, expires="expires_at"):
    """That a generation has counted an event; kept for longer than it can come again."""

    shelf: str
    event_id: Id
    expires_at: datetime


class Generations(Entity, key="id", allow=STAFF):
    """Which building of the projections is read, and which one is made."""

    id: Id
    live: int = 1
    building: int | None = None
    last: int = 1


class Rebuild(Entity, key="generation", allow=STAFF):
    """A building of the projections from the archive. `planned`: all of the archive was looked through."""

    generation: int
    started_at: datetime
    planned: bool = False
    checks: int = 0
    switched_at: datetime | None = None


class RebuildCount(Entity, key="generation", allow=STAFF):
    """How far a rebuild is: parts that were sent and done, events that were new to it."""

    generation: int
    sent: Counter = 0
    done: Counter = 0
    events: Counter = 0
