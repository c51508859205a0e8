"""The events whose data is counted, and what of them is: of every other one its type and its user are."""

from datetime import datetime

from services.analytics.domain.facts import Fact, Progress, Step, Upload
from thestack import AnyEvent, ForeignEvent, Id, Part

heard = Part()
"""These classes are the service's own, so that they are held against what other services say."""


class TodoCreated(ForeignEvent, name="todo.created", version=1, source="todo"):
    todo_id: Id
    created_at: datetime


class TodoAttached(ForeignEvent, name="todo.attached", version=1, source="todo"):
    todo_id: Id
    attached_at: datetime


class TodoCompleted(ForeignEvent, name="todo.completed", version=1, source="todo"):
    todo_id: Id
    completed_at: datetime


class TodoDeleted(ForeignEvent, name="todo.deleted", version=1, source="todo"):
    todo_id: Id
    deleted_at: datetime


class MediaUploaded(ForeignEvent, name="media.uploaded", version=1, source="media"):
    kind: str
    bytes: int


def fact_of(event: AnyEvent) -> Fact:
    """What of an event is counted. One that can't be read as it should counts as one of its type."""
    said = event.data.get("owner_id") or event.data.get("user_id")
    user = said if isinstance(said, str) else None
    return Fact(event.id, event.name, event.time, user, _progress(event), _upload(event))


def _progress(event: AnyEvent) -> Progress | None:
    if created := event.read(TodoCreated):
        return Progress(created.todo_id, Step.CREATED, created.created_at)
    if completed := event.read(TodoCompleted):
        return Progress(completed.todo_id, Step.COMPLETED, completed.completed_at)
    if deleted := event.read(TodoDeleted):
        return Progress(deleted.todo_id, Step.DELETED, deleted.deleted_at)
    if attached := event.read(TodoAttached):
        return Progress(attached.todo_id, Step.ATTACHED, attached.attached_at)
    return None


def _upload(event: AnyEvent) -> Upload | None:
    uploaded = event.read(MediaUploaded)
    return Upload(uploaded.kind, uploaded.bytes) if uploaded else None
