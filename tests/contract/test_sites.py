"""A coordinate of a contract leads to the line of the definition that it comes from."""

from pathlib import Path

import pytest

from services.analytics import service as analytics
from services.media import service as media
from services.todo import service as todo
from thestack.contract.sites import place_of, site_of
from thestack.definition.module import model_of


@pytest.mark.parametrize(
    ("module", "about", "line"),
    [
        (todo, "Todo", 'class Todo(Entity, key="id"'),
        (todo, "Todo.title", "    title: Title"),
        (todo, "Todo.dueAt", "    due_at: datetime | None = None"),
        (todo, "Todo.overdue", "async def overdue(todo: Todo"),
        (todo, "Todo.gone", "class Todo(Entity"),
        (todo, "TodoConnection.nodes", "class Todo(Entity"),
        (todo, "Media.id", "    id: Id"),
        (todo, "Query.todos", "async def todos("),
        (todo, "Query.todos(where:)", "async def todos(page: Page, where: TodoFilter"),
        (todo, "Query.todos(first:)", "async def todos(page: Page"),
        (todo, "Query.todo", "service.crud(Todo"),
        (todo, "Mutation.createTodo(input:)", "    input: CreateTodo, *, mine"),
        (todo, "Subscription.todoCompleted", "async def todo_completed(event: TodoCompleted"),
        (todo, "CreateTodo.title", "    title: Title"),
        (todo, "Status", "class Status(StrEnum)"),
        (todo, "Status.DONE", '    DONE = "DONE"'),
        (todo, "todo.completed", 'class TodoCompleted(Event, name="todo.completed"'),
        (todo, "todo.completed.completed_at", "    completed_at: datetime"),
        (todo, "media.deleted.media_id", "    media_id: Id"),
        (todo, "notifications/email.subject", "    subject: str"),
        (todo, "todo/detaching", 'class Detach(Message, queue="detaching")'),
        (todo, "Elsewhere", 'service = Service("todo"'),
        (todo, "", 'service = Service("todo"'),
        (media, "Media.id", "    id: Id"),
        (media, "Image", "class Image(Entity, Media"),
        (analytics, "Query.series(since:)", "since: "),
    ],
)
def test_a_coordinate_has_a_line(module: object, about: str, line: str) -> None:
    site = site_of(model_of(module), about)  # type: ignore[arg-type]
    text = Path(site.file).read_text(encoding="utf-8").splitlines()[site.line - 1]
    assert line in text


def test_a_field_of_two_classes_is_found_in_its_own() -> None:
    model = model_of(todo)
    lines = {
        about: site_of(model, about).line for about in ("Todo.title", "CreateTodo.title", "EditTodo.title")
    }
    assert len(set(lines.values())) == 3
    assert place_of(model, "EditTodo.title")[0].name == "EditTodo"
