"""Analytics: counts by day what happens to todos, for the staff."""

from datetime import date, datetime

from thestack import Connection, Counter, Entity, ForeignEvent, Id, Index, Key, Page, Service, Store, group

service = Service("analytics", page=(31, 366))


class TodoCreated(ForeignEvent, name="todo.created", version=1, source="todo"):
    owner_id: Id
    created_at: datetime


class TodoCompleted(ForeignEvent, name="todo.completed", version=1, source="todo"):
    owner_id: Id
    completed_at: datetime


class TodoDeleted(ForeignEvent, name="todo.deleted", version=1, source="todo"):
    owner_id: Id
    deleted_at: datetime


class Daily(Entity, key=Key("metric", "day"), allow=group("staff")):
    """How many todos were created, completed and deleted on a day (UTC)."""

    metric: str
    day: date
    created: Counter = 0
    completed: Counter = 0
    deleted: Counter = 0
    by_day = Index("metric", "day", sort=date)


@service.on()
async def count(event: TodoCreated | TodoCompleted | TodoDeleted, /, *, daily: Store[Daily]) -> None:
    match event:
        case TodoCreated():
            delta = Daily(metric="todos", day=event.created_at.date(), created=1)
        case TodoCompleted():
            delta = Daily(metric="todos", day=event.completed_at.date(), completed=1)
        case TodoDeleted():
            delta = Daily(metric="todos", day=event.deleted_at.date(), deleted=1)
    await daily.within("todos").add(delta)


@service.query(allow=group("staff"))
async def activity(since: date, until: date, page: Page, *, daily: Store[Daily]) -> Connection[Daily]:
    """The days from `since` to `until`, both included, on which something happened."""
    return await daily.within("todos").page(Daily.by_day.between(since, until), page)
