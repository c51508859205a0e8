"""`thestack explain` on a running stack: the router's plan, and what each resolver reads."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Client, eventually
from thestack.local.description import LocalStack

ROOT = Path(__file__).parents[2]
CREATE = 'mutation { createTodo(input: {title: "read me"}) { id } }'
COMPLETE = "mutation ($id: ID!) { completeTodo(id: $id) { id } }"
DONE = "{ todos(first: 5, where: {status: {eq: DONE}}) { nodes { title emails { subject } } } }"
Thestack = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def thestack(stack: LocalStack) -> Thestack:
    """Runs `thestack explain ...` on the stack."""

    def thestack(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "thestack.cli", "explain", *words, "--run", stack.run],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return thestack


@pytest.fixture
def reader(client_for: Callable[..., Client]) -> Client:
    """A user with eight todos, one of them done and its mail sent."""
    reader = client_for("reader")
    if len(_todos(reader)) < 8:
        ids = [reader.ask(CREATE)["data"]["createTodo"]["id"] for _ in range(8)]
        reader.ask(COMPLETE, id=ids[0])
    eventually(lambda: reader.ask("{ sentEmails { nodes { id } } }")["data"]["sentEmails"]["nodes"])
    return reader


def _todos(client: Client) -> list[Any]:
    found: list[Any] = client.ask("{ todos(first: 100) { nodes { id } } }")["data"]["todos"]["nodes"]
    return found


def _resolvers(said: dict[str, Any]) -> dict[str, Any]:
    return {each["resolver"]: each for call in said["calls"] for each in call["resolvers"]}


def test_a_filter_reads_more_than_it_returns(thestack: Thestack, reader: Client) -> None:
    assert reader.user
    done = thestack(DONE, "--as", reader.user.email, "--format", "json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["answer"] == reader.ask(DONE)
    todos, emails = (_resolvers(said)[name] for name in ("Query.todos", "Todo.emails"))
    (request,) = todos["requests"]
    assert (request["operation"], request["index"]) == ("Query", "Todo.by_created")
    assert (todos["read"], todos["returned"]) == (8, 1)
    assert "an index on what is filtered by" in todos["hint"]
    assert todos["units"] == 0.5  # 8 small rows are less than 4 KB, eventually consistent
    assert (emails["requests"][0]["index"], emails["returned"], emails["hint"]) == (
        "SentEmail.by_about",
        1,
        None,
    )
    assert [call["service"] for call in said["calls"]] == ["todo", "notifications"]
    assert said["plan"]["kind"] == "Sequence"


def test_the_text_has_the_plan_with_its_calls(thestack: Thestack, reader: Client) -> None:
    assert reader.user
    lines = thestack(DONE, "--as", reader.user.id, "--tenant", "local").stdout.splitlines()
    assert lines[0].startswith("HTTP 200: 2 subgraph calls")
    text = "\n".join(lines)
    order = ["fetch todo", "Query.todos", "index Todo.by_created", "for each of todos.nodes", "Todo.emails"]
    assert sorted(order, key=text.index) == order


def test_a_caller_without_rights_is_denied_as_by_the_stack(thestack: Thestack, reader: Client) -> None:
    id = _todos(reader)[0]["id"]
    query = f'{{ todo(id: "{id}") {{ title }} }}'
    stranger = thestack(query, "--as", "somebody-else", "--format", "json")
    staff = thestack(query, "--as", "somebody-else", "--group", "staff", "--format", "json")
    assert (stranger.returncode, staff.returncode) == (1, 0)
    assert json.loads(stranger.stdout)["answer"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    (todo,) = (each for each in _resolvers(json.loads(staff.stdout)).values() if each["requests"])
    assert [each["index"] for each in todo["requests"]] == [None, "Todo.by_ref"]


def test_nobody_comes_through_the_public_door(thestack: Thestack) -> None:
    done = thestack(DONE)
    assert done.returncode == 1
    assert "UNAUTHENTICATED" in done.stdout


def test_nothing_is_written(thestack: Thestack, reader: Client) -> None:
    before = _todos(reader)
    assert thestack(CREATE, "--as", "x").returncode == 2
    assert _todos(reader) == before
