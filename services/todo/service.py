"""Todos: what a user has to do, by when, and whether it is done."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from thestack import (
    UNSET,
    Caller,
    Clock,
    Connection,
    Entity,
    Event,
    Filter,
    Foreign,
    ForeignEvent,
    ForeignMessage,
    Id,
    Index,
    Input,
    Message,
    OneOf,
    Owned,
    Page,
    Patch,
    Problem,
    Service,
    Store,
    Unset,
    group,
    new_id,
    owner,
    signed_in,
)

service = Service("todo", page=(20, 100))
Title = Annotated[str, Field(min_length=1, max_length=200)]
AT_ONCE = 40
"""How many todos what was deleted is taken from in one transaction, which holds a hundred writes."""


class Status(StrEnum):
    OPEN = "OPEN"
    DONE = "DONE"


class Media(Foreign, service="media", interface_object=True):
    """Something that was uploaded: an image, a video."""

    id: Id


class Todo(Entity, key="id", owner="owner_id", allow=owner | group("staff")):
    """Something to do."""

    id: Id
    owner_id: Id
    title: Title
    created_at: datetime
    status: Status = Status.OPEN
    due_at: datetime | None = None
    attachment: Media | None = None
    by_created = Index("owner_id", "created_at", sort=datetime)
    by_attachment = Index("attachment.id", "id", sort=str, sparse=True)


class TodoCreated(Event, name="todo.created", version=1):
    todo_id: Id
    owner_id: Id
    created_at: datetime


class TodoCompleted(Event, name="todo.completed", version=1):
    todo_id: Id
    owner_id: Id
    completed_at: datetime


class TodoDeleted(Event, name="todo.deleted", version=1):
    todo_id: Id
    owner_id: Id
    deleted_at: datetime


class TodoAttached(Event, name="todo.attached", version=1):
    todo_id: Id
    owner_id: Id
    media_id: Id
    attached_at: datetime


class MediaDeleted(ForeignEvent, name="media.deleted", version=1, source="media"):
    media_id: Id


class Detach(Message, queue="detaching"):
    """Take what was deleted from the todos that are left."""

    media_id: Id


class SendEmail(ForeignMessage, service="notifications", queue="email"):
    to_user: Id
    about: Id
    subject: str
    text: str


class Remind(ForeignMessage, service="notifications", queue="reminders"):
    to_user: Id
    about: Id
    title: str
    due_at: datetime


class CreateTodo(Input):
    title: Title
    due_at: datetime | None = None


class EditTodo(Patch[Todo]):
    title: Title | Unset = UNSET
    due_at: datetime | Unset | None = UNSET


class TodoFilter(Filter[Todo]):
    status: OneOf[Status] | None = None


class AlreadyDone(Problem, code="TODO_ALREADY_DONE"): ...


service.crud(Todo, allow=signed_in, only=["get"])


@service.query(allow=signed_in)
async def todos(page: Page, where: TodoFilter | None = None, *, mine: Owned[Todo]) -> Connection[Todo]:
    """The caller's todos, oldest first."""
    return await mine.page(Todo.by_created, page, where=where)


@service.mutation(allow=signed_in)
async def create_todo(
    input: CreateTodo, *, mine: Owned[Todo, TodoCreated | Remind], caller: Caller, clock: Clock
) -> Todo:
    todo = Todo(
        id=new_id(), owner_id=caller.id, title=input.title, due_at=input.due_at, created_at=clock.now()
    )
    created = TodoCreated(todo_id=todo.id, owner_id=todo.owner_id, created_at=todo.created_at)
    return await mine.put(todo, emit=[created, *reminders(todo, clock.now())])


@service.mutation(allow=signed_in)
async def edit_todo(id: Id, input: EditTodo, *, mine: Owned[Todo, Remind], clock: Clock) -> Todo:
    todo = await mine.get(id)
    was_due = todo.due_at
    todo = input.apply(todo)
    return await mine.put(todo, emit=reminders(todo, clock.now(), was_due))


@service.mutation(allow=signed_in)
async def complete_todo(
    id: Id, *, mine: Owned[Todo, TodoCompleted | SendEmail | Remind], clock: Clock
) -> Todo:
    todo = await mine.get(id)
    if todo.status is Status.DONE:
        raise AlreadyDone
    todo.status = Status.DONE
    done = TodoCompleted(todo_id=id, owner_id=todo.owner_id, completed_at=clock.now())
    mail = SendEmail(
        to_user=todo.owner_id, about=id, subject=f"Done: {todo.title}", text="Well done. One less to do."
    )
    return await mine.put(todo, emit=[done, mail, *reminders(todo, clock.now(), todo.due_at)])


@service.mutation(allow=signed_in)
async def attach_todo(id: Id, media_id: Id, *, mine: Owned[Todo, TodoAttached], clock: Clock) -> Todo:
    """Attach what was uploaded, in place of what was attached before."""
    todo = await mine.get(id)
    todo.attachment = Media(id=media_id)
    attached = TodoAttached(todo_id=id, owner_id=todo.owner_id, media_id=media_id, attached_at=clock.now())
    return await mine.put(todo, emit=attached)


@service.mutation(allow=signed_in)
async def detach_todo(id: Id, *, mine: Owned[Todo]) -> Todo:
    todo = await mine.get(id)
    todo.attachment = None
    return await mine.put(todo)


@service.on()
async def media_deleted(event: MediaDeleted, /, *, todos: Store[Todo, Detach]) -> None:
    await take_from_todos(event.media_id, todos)


@service.queue(cyclic=True)  # each time with fewer todos left
async def detach(message: Detach, /, *, todos: Store[Todo, Detach]) -> None:
    await take_from_todos(message.media_id, todos)


async def take_from_todos(media_id: Id, todos: Store[Todo, Detach]) -> None:
    """Detach it from as many todos as one transaction holds, and from the rest by a message."""
    found = await todos.within(media_id).page(Todo.by_attachment, Page(first=AT_ONCE))
    rest = Detach(media_id=media_id) if found.has_next_page else None
    for number, todo in enumerate(found.nodes):
        todo.attachment = None
        await todos.owned_by(todo.owner_id).put(todo, emit=None if number else rest)


@service.mutation(allow=signed_in)
async def delete_todo(id: Id, *, mine: Owned[Todo, TodoDeleted | Remind], clock: Clock) -> Todo:
    """Delete a todo and answer it as it was."""
    todo = await mine.get(id)
    deleted = TodoDeleted(todo_id=id, owner_id=todo.owner_id, deleted_at=clock.now())
    await mine.delete(todo, emit=[deleted, *no_reminder(todo, todo.due_at)])
    return todo


def reminders(todo: Todo, now: datetime, was_due: datetime | None = None) -> list[Remind]:
    """What is to be said for a todo to be reminded of when it is due, and no more when it was."""
    if todo.status is Status.DONE or todo.due_at is None or todo.due_at <= now:
        return no_reminder(todo, was_due)
    reminder = Remind(to_user=todo.owner_id, about=todo.id, title=todo.title, due_at=todo.due_at)
    return [reminder.at(todo.due_at, name=todo.id)]


def no_reminder(todo: Todo, was_due: datetime | None) -> list[Remind]:
    """What calls its reminder off, if it may have one."""
    if was_due is None:
        return []
    reminder = Remind(to_user=todo.owner_id, about=todo.id, title=todo.title, due_at=was_due)
    return [reminder.cancelled(todo.id)]


@service.field()
async def overdue(todo: Todo, /, *, clock: Clock) -> bool:
    return todo.status is Status.OPEN and todo.due_at is not None and todo.due_at < clock.now()


@service.subscription(allow=signed_in)
async def todo_completed(event: TodoCompleted, /, *, mine: Owned[Todo]) -> Todo | None:
    """Tells users of each of their todos that is done."""
    return await mine.find(event.todo_id)
