"""Exit codes and words of the commands: 1 the answer is no, 2 wrong usage, 3 the world failed."""

import json
import socket
from pathlib import Path

import pytest

from framework.tests.cli.conftest import MISTAKES, Command, one_line

COMMANDS = (
    (),
    ("dev",),
    ("check",),
    ("plan",),
    ("synth",),
    ("new",),
    ("logs",),
    ("trace",),
    ("invoke",),
    ("explain",),
    ("iam",),
    ("operations",),
    ("operations", "record"),
    ("operations", "list"),
    ("dlq",),
    ("dlq", "list"),
    ("dlq", "show"),
    ("dlq", "dry-run"),
    ("dlq", "edit"),
    ("dlq", "redrive"),
    ("dlq", "discard"),
    ("router",),
    ("router", "config"),
    ("secret", "rotate"),
    ("fault",),
    ("fault", "deny"),
    ("fault", "clear"),
    ("user",),
    ("user", "create"),
    ("user", "token"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help(command: Command, words: tuple[str, ...]) -> None:
    done = command(*words, "--help")
    assert done.returncode == 0
    assert "Usage: thestack" in done.stdout


def test_the_version(command: Command) -> None:
    assert command("--version").stdout.startswith("thestack 0.")


@pytest.mark.parametrize(
    "words", [("nonsense",), ("dev", "--port", "99999"), ("check", "--format", "xml"), ("dlq", "redrive")]
)
def test_wrong_usage_is_2(command: Command, words: tuple[str, ...]) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_outside_of_a_project(command: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    line = one_line(command("check", cwd=elsewhere), 2)
    assert line.startswith(f"{elsewhere} is not in a project")


def test_right_definitions(command: Command) -> None:
    done = command("check", "todo")
    assert (done.returncode, done.stdout) == (0, "todo: no mistakes\n")
    assert json.loads(command("check", "todo", "--format", "json").stdout) == []


def test_wrong_definitions_are_one_report(command: Command, project: Path) -> None:
    (project / "services/todo/service.py").write_text(MISTAKES.read_text())
    done = command("check", "todo")
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.count("error[S") > 3
    assert "--> services/todo/service.py:" in done.stdout
    entries = json.loads(command("check", "todo", "--format", "json").stdout)
    assert {"code", "message", "file", "line", "column", "help", "docs"} <= set(entries[0])
    assert len(entries) == done.stdout.count("error[S")
    assert command("check", "todo", "--format", "github").stdout.count("::error file=services/todo/") == len(
        entries
    )


def test_wrong_definitions_are_found_from_a_folder_below(command: Command, project: Path) -> None:
    (project / "services/todo/service.py").write_text("service = 1\n")
    assert command("check", "todo", cwd=project / "services/todo").returncode == 1


def test_an_unknown_service(command: Command) -> None:
    for words in (("check", "tood"), ("synth", "tood")):
        assert "Did you mean `todo`?" in one_line(command(*words), 2)


def test_an_unknown_environment(command: Command) -> None:
    line = one_line(command("synth", "todo", "--env", "prod"), 2)
    assert "there are: acme, dev, integration, local, preview, production" in line


def test_nothing_to_synthesize(command: Command) -> None:
    assert one_line(command("synth"), 2) == "name one service, or say --all"
    assert one_line(command("synth", "todo", "--all"), 2) == "name one service, or say --all"


def test_an_unknown_consumer(command: Command) -> None:
    line = one_line(command("dlq", "redrive", "notifications.send_mail"), 2)
    assert "Did you mean `notifications.send_email`?" in line
    assert "There is `todo.detach`" in one_line(command("dlq", "redrive", "todo.x"), 2)


@pytest.mark.parametrize(
    "words",
    [
        ("dlq", "list"),
        ("dlq", "show", "01KAB"),
        ("dlq", "dry-run", "01KAB"),
        ("dlq", "edit", "01KAB"),
        ("dlq", "redrive", "analytics.count"),
        ("dlq", "discard", "analytics.count", "--why", "x"),
        ("fault", "clear", "analytics.count"),
        ("user", "create", "a@example.com"),
        ("user", "token", "a@example.com"),
    ],
    ids=" ".join,
)
def test_no_stack_runs(command: Command, project: Path, words: tuple[str, ...]) -> None:
    line = one_line(command(*words), 3)
    assert line == f"no local stack runs in {project}; start one with `thestack dev`"


def test_an_endpoint_that_does_not_answer(command: Command) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        line = one_line(command("dlq", "list", "analytics.count", "--endpoint", endpoint), 3)
        assert line.startswith(f"cannot reach the queue local-analytics-count-dlq at {endpoint}: ")
        line = one_line(command("fault", "clear", "analytics.count", "--endpoint", endpoint), 3)
        assert line.startswith(f"cannot find the function local-analytics-on-count at {endpoint}: ")


@pytest.mark.parametrize(
    "endpoint", ["nonsense", "127.0.0.1:4566", "http://", "ftp://127.0.0.1:4566", "http://127.0.0.1:99999"]
)
def test_what_is_no_endpoint(command: Command, endpoint: str) -> None:
    line = one_line(command("dlq", "list", "--endpoint", endpoint), 2)
    assert line == f"'{endpoint}' is no endpoint; one is http://127.0.0.1:4566"


def test_templates_that_cannot_be_written(command: Command, project: Path) -> None:
    (project / "taken").touch()
    line = one_line(command("synth", "todo", "--out", "taken", cwd=project), 3)
    assert line == "cannot write the templates to taken: File exists; name a folder with --out"


def test_no_fault_is_injected_where_data_is_kept(command: Command) -> None:
    elsewhere = ("--endpoint", "http://127.0.0.1:9", "--env", "production")
    line = one_line(command("fault", "deny", "analytics.count", "ses:SendEmail", *elsewhere), 2)
    assert line == "production keeps data that matters: no fault is injected there"


def test_a_fault_that_is_no_action(command: Command) -> None:
    assert one_line(command("fault", "deny", "analytics.count", "everything"), 2).startswith(
        "'everything' is no"
    )


def test_dev_in_a_wrong_environment(command: Command, project: Path) -> None:
    (project / "deploy/environments/local.py").write_text("environment = 1\n")
    assert "must set `environment = Environment(...)`" in one_line(command("dev"), 3)
