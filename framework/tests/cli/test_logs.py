"""`logs`, `trace` and `invoke` on an emulator whose log groups hold what the stack's functions logged."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from framework.tests.cli.conftest import ROOT, Command, Done, one_line
from thestack.definition import names
from thestack.local.emulator import launch, wait_until_ready
from thestack.local.run import new_run
from thestack.operations.aws import Aws
from thestack.toolchain.tools import find

pytestmark = pytest.mark.xdist_group("logs")
CLICK, OTHER = "c1c1c1c1-2222", "c9c9c9c9-3333"
NOW = datetime.now(UTC)
EVENT = {"id": "e1-00000000", "type": "todo.completed"}
SAID: dict[str, list[dict[str, Any]]] = {
    "local-router": [
        {
            "service": "router",
            "trigger": "http",
            "door": "private",
            "status": 200,
            "operation": "mutation Complete",
            "fields": ["completeTodo"],
            "ms": 9,
            "subgraphs": [{"service": "todo", "outcome": "ok", "ms": 20}],
        }
    ],
    "local-todo-graphql": [
        {
            "service": "todo",
            "trigger": "graphql",
            "operation": "mutation",
            "fields": ["completeTodo"],
            "caused": [EVENT],
        },
        {
            "service": "todo",
            "trigger": "graphql",
            "operation": "query",
            "fields": ["todos"],
            "correlation_id": OTHER,
            "outcome": "INTERNAL_SERVER_ERROR",
            "level": "ERROR",
            "error": {
                "type": "KeyError",
                "message": "no such thing " * 40,
                "traceback": "Traceback\nKeyError: 'x'",
            },
        },
    ],
    "local-todo-relay": [
        {
            "service": "todo",
            "trigger": "relay",
            "event_id": EVENT["id"],
            "type": EVENT["type"],
            "destination": "bus",
        }
    ],
    "local-analytics-on-count": [
        {
            "service": "analytics",
            "trigger": "count",
            "event_id": EVENT["id"],
            "type": EVENT["type"],
            "attempt": 1,
            "outcome": "effected",
        }
    ],
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """An emulator where those functions logged that, and something else besides."""
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as launched:
        wait_until_ready(launched)
        after = 0
        for function, records in SAID.items():
            lines = ["START RequestId: 1"]
            for record in records:
                after += 10 if records is not SAID["local-todo-graphql"] else -2
                least = {"outcome": "ok", "ms": 5, "correlation_id": CLICK}
                at = datetime.fromtimestamp(NOW.timestamp() + after / 1000, UTC).isoformat()
                lines.append(json.dumps({**least, "timestamp": at, **record}))
            write(launched.aws, function, *lines)
        yield launched.aws


def write(aws: Aws, function: str, *lines: str) -> None:
    client, where = aws.client("logs"), {"logGroupName": names.log_group(function), "logStreamName": "s"}
    if not client.describe_log_groups(logGroupNamePrefix=where["logGroupName"])["logGroups"]:
        client.create_log_group(logGroupName=where["logGroupName"])
        client.create_log_stream(**where)
    at = int(time.time() * 1000)
    client.put_log_events(**where, logEvents=[{"timestamp": at, "message": line} for line in lines])


def ask(command: Command, aws: Aws, *words: str, **settings: Any) -> Done:
    return command(*words, "--endpoint", str(aws.endpoint), **settings)


def test_logs_are_one_line_each(command: Command, aws: Aws) -> None:
    done = ask(command, aws, "logs")
    assert done.returncode == 0, done.stderr
    told = [line[14:].split("  ")[0] for line in done.stdout.splitlines() if not line.startswith("    ")]
    assert told[-5:] == ["router.http", "todo.graphql", "todo.graphql", "todo.relay", "analytics.count"]
    assert "START" not in done.stdout
    assert "    KeyError: 'x'" in done.stdout.splitlines()
    assert max(map(len, done.stdout.splitlines())) <= 120


def test_logs_of_one_service_or_handler_as_json(command: Command, aws: Aws) -> None:
    done = ask(command, aws, "logs", "todo.relay", "--format", "json")
    (said,) = map(json.loads, done.stdout.splitlines())
    assert (said["service"], said["event_id"], said["function"]) == ("todo", EVENT["id"], "local-todo-relay")
    assert len(ask(command, aws, "logs", "todo").stdout.splitlines()) == 5  # two of the traceback


def test_logs_of_what_went_wrong(command: Command, aws: Aws) -> None:
    (line, *_) = ask(command, aws, "logs", "--errors").stdout.splitlines()
    assert "INTERNAL_SERVER_ERROR" in line


def test_logs_with_all_else(command: Command, aws: Aws) -> None:
    assert "local-router: START RequestId: 1" in ask(command, aws, "logs", "router", "--all").stdout


def test_following_goes_on_until_ctrl_c(aws: Aws, project: Path) -> None:
    words = ["logs", "analytics", "--follow", "--format", "json", "--endpoint", str(aws.endpoint)]
    with subprocess.Popen(
        [sys.executable, "-m", "thestack.cli", *words],
        cwd=project,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as following:
        assert following.stdout
        assert following.stderr
        assert json.loads(following.stdout.readline())["event_id"] == EVENT["id"]
        new = {"service": "analytics", "trigger": "count", "outcome": "parked", "ms": 1}
        write(aws, "local-analytics-on-count", json.dumps(new))
        assert json.loads(following.stdout.readline())["outcome"] == "parked"
        following.send_signal(signal.SIGINT)
        assert following.wait(30) == 0
        assert following.stderr.read() == ""


@pytest.mark.parametrize("id", [CLICK, CLICK[:8], EVENT["id"]])
def test_a_trace_by_any_id(command: Command, aws: Aws, id: str) -> None:
    done = ask(command, aws, "trace", id)
    assert done.returncode == 0, done.stderr
    labels = [
        line.partition("  ok")[0].partition("  effected")[0].rstrip() for line in done.stdout.splitlines()
    ]
    assert labels == [
        "router.http  mutation completeTodo 200",
        "└─ todo.graphql  mutation completeTodo",
        "   └─ todo.completed  e1-00000000",
        "      ├─ todo.relay  → bus",
        "      └─ analytics.count",
    ]
    assert "+0 ms" in done.stdout.splitlines()[0]


def test_an_error_stands_below_its_run_shortly(command: Command, aws: Aws) -> None:
    run, error = ask(command, aws, "trace", OTHER).stdout.splitlines()
    assert run.startswith("todo.graphql  query todos  INTERNAL_SERVER_ERROR")
    assert error.startswith("     KeyError: no such thing no such")
    assert error.endswith(" …")
    assert max(len(run), len(error)) <= 100


def test_a_trace_as_json(command: Command, aws: Aws) -> None:
    (root,) = json.loads(ask(command, aws, "trace", CLICK, "--format", "json").stdout)
    assert (root["kind"], root["name"], root["after_ms"]) == ("run", "router.http", 0)
    (event,) = root["steps"][0]["steps"]
    assert (event["kind"], event["id"]) == ("event", EVENT["id"])
    assert event["steps"][1]["record"]["outcome"] == "effected"


def test_an_unknown_id_is_a_no(command: Command, aws: Aws) -> None:
    done = ask(command, aws, "trace", "nobody-knows")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "nothing in the log of the last 1d has the id nobody-knows; look further back with --since, "
        "or for ids with `thestack logs`\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("logs", "tood"), "there is no service or handler 'tood'. Did you mean `todo`?"),
        (("logs", "--since", "yesterday"), "'yesterday' is no time to look back; write a number and"),
        (("trace", "short"), "'short' is too short; give at least the first 8 characters of an id"),
        (
            ("invoke", "todo.complete"),
            "there is no handler 'todo.complete'. Did you mean `todo.completeTodo`?",
        ),
        (
            ("invoke", "todo.todos", "--group", "staff"),
            "--group is a group of the caller's; say whose with --as",
        ),
        (
            ("invoke", "todo.todos", "--event", "{file}"),
            "--event is no JSON: Expecting value: line 1 column 1",
        ),
        (("invoke", "analytics.count"), "count hears every event; say which with --type"),
    ],
)
def test_mistakes(command: Command, aws: Aws, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    file = tmp_path / "event.json"
    file.write_text("nonsense")
    line = one_line(ask(command, aws, *(word.format(file=file) for word in words)), 2)
    assert line.startswith(said)


def test_a_function_that_is_not_there(command: Command, aws: Aws) -> None:
    line = one_line(ask(command, aws, "invoke", "todo.todos"), 3)
    assert line.startswith(f"cannot invoke local-todo-graphql at {aws.endpoint}: ")


@pytest.mark.parametrize("words", [("logs",), ("trace",), ("invoke",)], ids=" ".join)
def test_they_have_help(command: Command, words: tuple[str, ...]) -> None:
    assert "Usage: thestack" in command(*words, "--help").stdout
