"""`thestack iam`: what each function may do, and the line that asks for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from framework.tests.cli.conftest import Command

RECORD = {
    "since": "2026-01-01T10:00:00+00:00",
    "until": "2026-01-01T10:05:00+00:00",
    "calls": 7,
    "uses": [
        {
            "function": "local-todo-graphql",
            "action": "dynamodb:Query",
            "resource": "local-todo/index/Todo.by_created",
            "calls": 7,
        }
    ],
}


def grants(command: Command, function: str, *words: str) -> dict[str, Any]:
    done = command("iam", *words, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = {each["function"]: each["grants"] for each in json.loads(done.stdout)["functions"]}
    return {each["sid"]: each for each in found[function]}


def test_each_statement_has_the_lines_that_cause_it(command: Command, project: Path) -> None:
    found = grants(command, "local-todo-graphql", "todo")
    text = (project / "services/todo/service.py").read_text().splitlines()
    indexes = [f"index Todo.{name}" for name in ("by_attachment", "by_created", "by_ref")]
    assert found["ReadIndexes"]["resources"] == indexes
    written = found["WriteRows"]["because"]
    assert {each["file"] for each in written} == {"services/todo/service.py"}
    assert all(each["source"] in text[each["line"] - 1] for each in written)
    assert "mine: Owned[Todo, TodoCreated | Remind]" in {each["source"] for each in written}


def test_an_environment_has_grants_of_its_own(command: Command) -> None:
    found = grants(command, "production-todo-relay", "todo", "--env", "production")
    assert found["SendMessages"]["actions"] == ["sqs:SendMessage"]
    assert found["PublishOwnEvents"]["conditions"] == {"StringEqualsIfExists": {"events:source": "todo"}}


def test_the_platform_is_listed_too(command: Command) -> None:
    found = grants(command, "local-router", "platform")
    assert found["InvokeSubgraph"]["resources"] in (
        ["subgraph analytics"],
        ["subgraph notifications"],
        ["subgraph todo"],
    )


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_text_fits(command: Command, columns: str) -> None:
    done = command("iam", "todo", env={"COLUMNS": columns})
    assert done.returncode == 0
    assert "services/todo/service.py:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= int(columns)


def test_a_service_that_is_not_there(command: Command) -> None:
    done = command("iam", "tudo")
    assert done.returncode == 2
    assert "Did you mean `todo`?" in done.stderr


def test_unused_without_a_record(command: Command) -> None:
    done = command("iam", "--unused")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no record yet" in done.stderr


def test_what_was_never_used(command: Command, project: Path) -> None:
    record = project / ".stack/usage/local.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps(RECORD))
    done = command("iam", "todo", "--unused", "--format", "json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["since"], said["calls"]) == ("2026-01-01T10:00:00+00:00", 7)
    left = {(each["function"], each["action"], each["resource"]): each for each in said["unused"]}
    assert ("local-todo-graphql", "dynamodb:Query", "index Todo.by_created") not in left
    by_ref = left["local-todo-graphql", "dynamodb:Query", "index Todo.by_ref"]
    assert [each["what"] for each in by_ref["because"]] == ["others than its owner may read a `Todo`"]
    shown = command("iam", "todo", "--unused").stdout
    assert f"{len(left)} of {said['grants']} grants never used, by 7 calls" in shown
