"""The services together, in memory: what one says, the others take."""

from services.analytics import service as analytics
from services.notifications import service as notifications
from services.todo import service as todo
from thestack.testing.harness import Harness, user


async def test_a_completed_todo_is_counted_and_mailed_about_once() -> None:
    harness = Harness(todo, notifications, analytics)
    harness["notifications"].secrets.keep("unsubscribe-key", "a key")
    alice, sam = user("alice"), user("sam", "staff")
    created = await harness["todo"].ask('mutation { createTodo(input: {title: "Buy milk"}) { id } }', alice)
    id = created["data"]["createTodo"]["id"]
    await harness["todo"].ask("mutation ($id: ID!) { completeTodo(id: $id) { id } }", alice, id=id)
    moved = await harness.settle()
    assert sorted(each.type for each in moved) == ["notifications/email", "todo.completed", "todo.created"]
    for each in moved:
        await harness.deliver(each)
    assert [mail.subject for mail in harness.mailer.sent] == ["Done: Buy milk"]
    query = '{ activity(since: "2026-01-01", until: "2026-12-31") { nodes { created completed deleted } } }'
    counted = await harness["analytics"].ask(query, sam)
    assert counted["data"]["activity"]["nodes"] == [{"created": 1, "completed": 1, "deleted": 0}]
    assert harness.dead_letters == []
