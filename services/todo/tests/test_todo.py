"""The todo service by itself, in memory."""

from datetime import timedelta

import pytest

from services.todo import service as todo
from services.todo.service import (
    AlreadyDone,
    SendEmail,
    Status,
    Todo,
    TodoAttached,
    TodoCompleted,
    TodoDeleted,
)
from thestack import Id
from thestack.ports import Envelope
from thestack.runtime.scope import Scope
from thestack.testing import BEGIN, FixedClock, Harness, Outcome, Running, memory, user

ALICE, BOB, SAM = user("alice"), user("bob"), user("sam", "staff")
CREATE = (
    "mutation ($t: String!, $d: DateTime) { createTodo(input: {title: $t, dueAt: $d}) { id status overdue } }"
)


@pytest.fixture
def running() -> Running:
    return Harness(todo)["todo"]


async def create(running: Running, title: str = "Buy milk", due: str | None = None) -> str:
    return str((await running.ask(CREATE, ALICE, t=title, d=due))["data"]["createTodo"]["id"])


def milk() -> Todo:
    return Todo(id=Id("1"), owner_id=Id("alice"), title="Buy milk", created_at=BEGIN)


async def test_completing_says_so_and_asks_for_an_email(clock: FixedClock) -> None:
    mine = memory(Todo, milk())
    clock.advance(timedelta(hours=1))
    assert (await todo.complete_todo(Id("1"), mine=mine, clock=clock)).status is Status.DONE
    assert mine.said == [
        TodoCompleted(todo_id=Id("1"), owner_id=Id("alice"), completed_at=BEGIN + timedelta(hours=1)),
        SendEmail(
            to_user=Id("alice"), about=Id("1"), subject="Done: Buy milk", text="Well done. One less to do."
        ),
    ]


async def test_what_is_done_is_not_done_again(clock: FixedClock) -> None:
    mine = memory(Todo, milk())
    await todo.complete_todo(Id("1"), mine=mine, clock=clock)
    await mine.commit()
    said = mine.said
    with pytest.raises(AlreadyDone):
        await todo.complete_todo(Id("1"), mine=mine, clock=clock)
    assert mine.said == said


async def test_deleting_says_so_and_answers_what_was_deleted(clock: FixedClock) -> None:
    mine = memory(Todo, milk())
    assert (await todo.delete_todo(Id("1"), mine=mine, clock=clock)).title == "Buy milk"
    await mine.commit()
    assert mine.rows == []
    assert mine.said == [TodoDeleted(todo_id=Id("1"), owner_id=Id("alice"), deleted_at=BEGIN)]


async def test_the_client_is_told_the_code_of_a_problem(running: Running) -> None:
    id = await create(running)
    complete = "mutation ($id: ID!) { completeTodo(id: $id) { status } }"
    assert await running.ask(complete, ALICE, id=id) == {"data": {"completeTodo": {"status": "DONE"}}}
    (error,) = (await running.ask(complete, ALICE, id=id))["errors"]
    assert error["extensions"]["code"] == "TODO_ALREADY_DONE"
    (done,) = await running.said("todo.completed")
    (mail,) = await running.said("notifications/email")
    assert done.data["todo_id"] == mail.data["about"] == id


async def test_an_edit_clears_what_is_null_and_leaves_what_is_absent(running: Running) -> None:
    id = await create(running, due="2026-02-01T00:00:00Z")
    edit = "mutation ($id: ID!, $e: EditTodo!) { editTodo(id: $id, input: $e) { title dueAt } }"
    renamed = await running.ask(edit, ALICE, id=id, e={"title": "Buy bread"})
    assert renamed["data"]["editTodo"] == {"title": "Buy bread", "dueAt": "2026-02-01T00:00:00Z"}
    cleared = await running.ask(edit, ALICE, id=id, e={"dueAt": None})
    assert cleared["data"]["editTodo"] == {"title": "Buy bread", "dueAt": None}


async def test_the_list_filters_by_status(running: Running) -> None:
    ids = [await create(running, f"Number {number}") for number in range(3)]
    await running.ask("mutation ($id: ID!) { completeTodo(id: $id) { id } }", ALICE, id=ids[1])
    query = "query ($s: [Status!]) { todos(where: {status: {anyOf: $s}}) { nodes { id } } }"
    for statuses, expected in ((["DONE"], ids[1:2]), (["OPEN"], [ids[0], ids[2]]), (["OPEN", "DONE"], ids)):
        nodes = (await running.ask(query, ALICE, s=statuses))["data"]["todos"]["nodes"]
        assert sorted(node["id"] for node in nodes) == sorted(expected)


async def test_a_todo_is_overdue_from_its_due_moment_until_it_is_done(running: Running) -> None:
    due = (BEGIN - timedelta(seconds=1)).isoformat()
    id = await create(running, due=due)
    query = "query ($id: ID!) { todo(id: $id) { overdue } }"
    assert (await running.ask(query, ALICE, id=id))["data"]["todo"]["overdue"] is True
    await running.ask("mutation ($id: ID!) { completeTodo(id: $id) { id } }", ALICE, id=id)
    assert (await running.ask(query, ALICE, id=id))["data"]["todo"]["overdue"] is False


async def test_staff_may_read_and_not_change(running: Running) -> None:
    id = await create(running)
    assert (await running.ask("query ($id: ID!) { todo(id: $id) { title } }", SAM, id=id))["data"]["todo"]
    answer = await running.ask("mutation ($id: ID!) { deleteTodo(id: $id) { id } }", SAM, id=id)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


# Attachments

ATTACH = "mutation ($t: ID!, $m: ID!) { attachTodo(id: $t, mediaId: $m) { attachment { __typename id } } }"
ATTACHMENT = "query ($t: ID!) { todo(id: $t) { attachment { id } } }"


async def attach(running: Running, todo: str, media: str, scope: Scope = ALICE) -> None:
    answer = await running.ask(ATTACH, scope, t=todo, m=media)
    assert answer["data"]["attachTodo"]["attachment"]["id"] == media


async def attached(running: Running, todo: str) -> str | None:
    attachment = (await running.ask(ATTACHMENT, SAM, t=todo))["data"]["todo"]["attachment"]
    return None if attachment is None else str(attachment["id"])


def media_deleted(media: str) -> Envelope:
    data = {"media_id": media, "owner_id": "alice", "kind": "IMAGE", "deleted_at": BEGIN.isoformat()}
    return Envelope("1", "media.deleted", 1, "media", f"Image#alice/{media}", BEGIN, "main", data)


async def test_attaching_says_so(clock: FixedClock) -> None:
    mine = memory(Todo, milk())
    todo_ = await todo.attach_todo(Id("1"), Id("m-1"), mine=mine, clock=clock)
    assert todo_.attachment == todo.Media(id=Id("m-1"))
    said = TodoAttached(todo_id=Id("1"), owner_id=Id("alice"), media_id=Id("m-1"), attached_at=BEGIN)
    assert mine.said == [said]
    await mine.commit()
    assert (await todo.detach_todo(Id("1"), mine=mine)).attachment is None
    assert mine.said == [said]


async def test_only_its_owner_attaches(running: Running) -> None:
    id = await create(running)
    for scope in (BOB, SAM):
        answer = await running.ask(ATTACH, scope, t=id, m="m-1")
        assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert await attached(running, id) is None


async def test_what_is_deleted_is_taken_from_all_its_todos_and_from_no_other() -> None:
    harness = Harness(todo)
    running = harness["todo"]
    first, second, other = [await create(running, f"Number {number}") for number in range(3)]
    bobs = str((await running.ask(CREATE, BOB, t="Bob's", d=None))["data"]["createTodo"]["id"])
    for id, scope in ((first, ALICE), (second, ALICE), (bobs, BOB)):
        await attach(running, id, "m-1", scope)
    await attach(running, other, "m-2")
    assert await harness.deliver(media_deleted("m-1")) == [Outcome.EFFECTED]
    assert [await attached(running, id) for id in (first, second, bobs, other)] == [None, None, None, "m-2"]


async def test_more_todos_than_one_transaction_holds_are_detached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(todo, "AT_ONCE", 3)
    harness = Harness(todo)
    ids = [await create(harness["todo"], f"Number {number}") for number in range(8)]
    for id in ids:
        await attach(harness["todo"], id, "m-1")
    await harness.settle()
    await harness.deliver(media_deleted("m-1"))
    assert [await attached(harness["todo"], id) for id in ids].count(None) == 3
    await harness.settle()
    assert [await attached(harness["todo"], id) for id in ids] == [None] * 8
