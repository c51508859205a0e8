"""When todo has its owner reminded, and when not any more: what it puts off to other moments, in memory."""

from datetime import datetime, timedelta

import pytest

from services.todo import service as todo
from thestack.testing import BEGIN, Harness, user

ALICE = user("alice")
TOMORROW, LATER = BEGIN + timedelta(days=1), BEGIN + timedelta(days=2)
CREATE = 'mutation ($d: DateTime) { createTodo(input: {title: "Buy milk", dueAt: $d}) { id } }'
EDIT = "mutation ($id: ID!, $d: DateTime) { editTodo(id: $id, input: {dueAt: $d}) { id } }"
RENAME = 'mutation ($id: ID!) { editTodo(id: $id, input: {title: "Buy oat milk"}) { id } }'
COMPLETE = "mutation ($id: ID!) { completeTodo(id: $id) { id } }"
DELETE = "mutation ($id: ID!) { deleteTodo(id: $id) { id } }"


class Owner:
    """Alice, and what is put off for her."""

    def __init__(self) -> None:
        self.harness = Harness(todo)

    async def asks(self, query: str, **variables: object) -> str:
        answer = await self.harness["todo"].ask(query, ALICE, **variables)
        assert "errors" not in answer, answer
        await self.harness.settle()
        (field,) = answer["data"].values()
        return str(field["id"])

    @property
    def reminders(self) -> list[tuple[datetime, str, str]]:
        kept = self.harness["todo"].scheduler.kept.values()
        return [(when, address, str(envelope.data["title"])) for when, address, envelope in kept]


@pytest.fixture
def alice() -> Owner:
    return Owner()


async def test_what_is_due_is_reminded_of_then(alice: Owner) -> None:
    await alice.asks(CREATE, d=TOMORROW.isoformat())
    assert alice.reminders == [(TOMORROW, "notifications/reminders", "Buy milk")]


@pytest.mark.parametrize("due", [None, (BEGIN - timedelta(days=1)).isoformat()])
async def test_what_is_not_due_or_was_before_it_came_has_no_reminder(alice: Owner, due: str | None) -> None:
    await alice.asks(CREATE, d=due)
    assert alice.reminders == []


async def test_another_date_or_title_is_that_of_the_reminder(alice: Owner) -> None:
    id = await alice.asks(CREATE, d=TOMORROW.isoformat())
    await alice.asks(EDIT, id=id, d=LATER.isoformat())
    assert alice.reminders == [(LATER, "notifications/reminders", "Buy milk")]
    await alice.asks(RENAME, id=id)
    assert alice.reminders == [(LATER, "notifications/reminders", "Buy oat milk")]


@pytest.mark.parametrize("end", [COMPLETE, DELETE, EDIT])
async def test_what_is_done_deleted_or_due_no_more_has_no_reminder(alice: Owner, end: str) -> None:
    id = await alice.asks(CREATE, d=TOMORROW.isoformat())
    await alice.asks(end, id=id, **({"d": None} if end == EDIT else {}))
    assert alice.reminders == []
