"""One click, found again: in the log, as a tree from the API to the e-mail, and run once more by hand."""

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
CREATE = 'mutation { createTodo(input: {title: "trace me"}) { id } }'
COMPLETE = "mutation Complete($id: ID!) { completeTodo(id: $id) { status } }"
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def command(stack: LocalStack) -> Command:
    """Runs `thestack ...` on the stack."""

    def command(*words: str, given: Any = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "thestack.cli", *words, "--run", stack.run],
            cwd=ROOT,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return command


@pytest.fixture(scope="session")
def tess(client_for: Callable[..., Client]) -> Client:
    return client_for("tess")


@pytest.fixture(scope="session")
def click(tess: Client, command: Command) -> list[Any]:
    """The tree of a click that completed a todo, once it is complete."""
    id = tess.ask(CREATE)["data"]["createTodo"]["id"]
    response = tess.post(COMPLETE, id=id)
    assert response.json()["data"] == {"completeTodo": {"status": "DONE"}}
    correlation = response.headers["x-correlation-id"]

    def look() -> list[Any] | None:
        done = command("trace", correlation, "--format", "json")
        found = json.loads(done.stdout) if done.returncode == 0 else []
        ends = ('"mail"', '"count"', '"todo_ended"', '"todo.subscriptions"')
        return found if all(each in done.stdout for each in ends) else None

    tree: list[Any] = eventually(look, what="the whole trace")
    return tree


def names(step: dict[str, Any]) -> Any:
    # What happens side by side is told in the order of time, which is not always the same.
    below = sorted(map(names, step["steps"]), key=str)
    return [step["name"], *below] if below else step["name"]


def steps(tree: list[Any], name: str) -> list[dict[str, Any]]:
    """Every step of this name."""
    found = [step for step in tree if step["name"] == name]
    return [*found, *(each for step in tree for each in steps(step["steps"], name))]


def test_the_tree_from_the_click_to_the_mail(click: list[Any]) -> None:
    (root,) = click
    assert root["name"] == "router.http"
    (subgraph,) = steps(click, "todo.graphql")
    assert sorted(map(names, subgraph["steps"])) == [
        ["notifications/email", ["notifications.send_email", "mail"], "todo.relay"],
        [
            "todo.completed",
            "analytics.count",
            "notifications.todo_ended",
            "todo.relay",
            "todo.subscriptions",
        ],
    ]


def test_it_says_what_each_did_and_when(click: list[Any]) -> None:
    (root,), (subgraph,), (count,) = click, steps(click, "todo.graphql"), steps(click, "analytics.count")
    assert (root["record"]["operation"], root["record"]["status"]) == ("mutation Complete", 200)
    assert subgraph["record"]["fields"] == ["completeTodo"]
    assert count["record"]["outcome"] == "effected"
    assert root["after_ms"] <= subgraph["after_ms"] < count["after_ms"]
    assert {each["record"]["destination"] for each in steps(click, "todo.relay")} == {
        "bus",
        "notifications/email",
    }
    assert len({each["record"]["correlation_id"] for each in (root, subgraph, count)}) == 1


def test_no_address_is_logged(stack: LocalStack, click: list[Any]) -> None:
    logs = stack.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]:
            assert "tess@example.com" not in event["message"]


def test_the_mails_id_leads_back_to_the_click(command: Command, click: list[Any]) -> None:
    (mail,) = steps(click, "mail")
    done = command("trace", mail["id"])
    assert done.stdout.startswith("router.http  mutation completeTodo 200")
    assert max(map(len, done.stdout.splitlines())) <= 120


def test_the_log_has_a_line_of_each(command: Command, click: list[Any]) -> None:
    correlation = click[0]["record"]["correlation_id"]
    lines = [json.loads(line) for line in command("logs", "--format", "json").stdout.splitlines()]
    mine = [line for line in lines if line.get("correlation_id") == correlation]
    assert sorted(f"{line['service']}.{line['trigger']}" for line in mine) == [
        "analytics.count",
        "notifications.send_email",
        "notifications.todo_ended",
        "router.http",
        "todo.graphql",
        "todo.relay",
        "todo.relay",
        "todo.subscriptions",
    ]


def test_a_query_by_hand(command: Command, tess: Client, click: list[Any]) -> None:
    assert tess.user
    done = command("invoke", "todo.todos", "--event", "-", "--as", tess.user.id, given={"first": 1})
    assert done.returncode == 0, done.stderr
    line, _, answer = done.stdout.partition("\n")
    assert "todo.graphql              query todos" in line
    assert json.loads(answer)["data"]["todos"]["nodes"][0]["title"] == "trace me"


def test_a_mutation_by_hand_that_is_refused(command: Command, tess: Client) -> None:
    assert tess.user
    words = ("invoke", "todo.complete_todo", "--event", "-", "--as", tess.user.id, "--format", "json")
    done = command(*words, given={"id": "nothing"})
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["answer"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert [record["outcome"] for record in said["records"]] == ["NOT_FOUND"]


def test_an_event_by_hand_has_one_effect(command: Command) -> None:
    data = {"todo_id": "1", "owner_id": "u", "created_at": "2020-01-02T00:00:00Z"}
    words = ("invoke", "analytics.count", "--event", "-", "--type", "todo.created", "--tenant", "acme")
    done = command(*words, "--format", "json", given=data)
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)["records"]
    assert (record["outcome"], record["attempt"]) == ("effected", 1)
    envelope = {
        "specversion": "1.0",
        "id": record["event_id"],
        "type": "todo.created",
        "source": "todo",
        "subject": "x",
        "time": "2020-01-02T00:00:00+00:00",
        "dataversion": 1,
        "tenant": "acme",
        "data": data,
    }
    again = command("invoke", "analytics.count", "--event", "-", given=envelope)
    assert (again.returncode, again.stdout.split()[3]) == (0, "duplicate"), again.stdout


def test_a_raw_event_by_hand(command: Command) -> None:
    done = command("invoke", "todo.relay", "--event", "-", given={"Records": []})
    assert (done.returncode, json.loads(done.stdout)) == (0, {"batchItemFailures": []})
    broken = command("invoke", "todo.relay", "--event", "-", given={"Records": 1})
    assert broken.returncode == 1
    assert "errorMessage" in broken.stdout
