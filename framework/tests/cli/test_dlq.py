"""`thestack dlq`, on the queues of one consumer."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from framework.tests.cli.conftest import ROOT, Command, Done, one_line
from framework.tests.operations.letters import World, message
from thestack.definition import names
from thestack.definition.load import models
from thestack.local.emulator import launch, wait_until_ready
from thestack.local.run import new_run
from thestack.operations.aws import Aws
from thestack.operations.discards import Discards
from thestack.testing.waiting import eventually
from thestack.toolchain.tools import find

SEND, ADDRESS = "notifications.send_email", "notifications/email"
A, B, C = (f"01KAB{letter}WXYZ0123456789ABCDEF" for letter in "ABC")
_numbers = count()
Dlq = Callable[..., Done]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        yield emulator.aws


@pytest.fixture(scope="module")
def addresses() -> list[str]:
    """The queues of all consumers."""
    return [f"{model.name}/{each.queue}" for model in models(ROOT) for each in model.consumers]


@pytest.fixture
def world(aws: Aws, addresses: list[str]) -> World:
    """The queues of notifications.send_email, and the empty ones of all other consumers."""
    world = World(aws, f"t{next(_numbers)}")
    for address in addresses:
        if address != ADDRESS:
            for name in (names.queue, names.dead_letter_queue):
                aws.client("sqs").create_queue(QueueName=name(world.environment, address))
    return world


@pytest.fixture
def dlq(command: Command, world: World) -> Dlq:
    """Runs `thestack dlq ...` on those queues."""

    def dlq(*words: str, **options: Any) -> Done:
        where = ("--endpoint", str(world.aws.endpoint), "--env", world.environment)
        return command("dlq", *words, *where, **options)

    return dlq


def told(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_empty_list(dlq: Dlq) -> None:
    assert dlq("list").stdout == "0 dead letters\n"
    assert told(dlq("list", "--format", "json")) == []


def test_the_list_counts_by_consumer_and_cause(dlq: Dlq, world: World) -> None:
    world.park(A, B)
    world.put(message(C).to_json())
    done = dlq("list", env={"COLUMNS": "90"})
    heading, *rows, sum = done.stdout.splitlines()
    assert heading.split() == ["consumer", "cause", "count", "oldest", "newest", "for", "example"]
    assert [row.split()[:3] for row in rows] == [[SEND, "MailRefused", "2"], [SEND, "unknown", "1"]]
    assert sum == "3 dead letters"
    assert all(len(line) <= 90 for line in done.stdout.splitlines())
    listed = told(dlq("list", SEND, "--format", "json"))
    assert [(each["id"], each["cause"], each["attempts"]) for each in listed] == [
        (A, "MailRefused", 3),
        (B, "MailRefused", 3),
        (C, "unknown", None),
    ]
    assert listed[0]["message"]["data"]["subject"] == "Done"


def test_one_is_shown_by_the_beginning_of_its_id(dlq: Dlq, world: World) -> None:
    world.park(A, B)
    shown = dlq("show", A[:8]).stdout
    assert re.search(rf"^id +{A}$", shown, re.MULTILINE)
    assert re.search(r"^reason +no such mailbox$", shown, re.MULTILINE)
    assert "thestack trace click-1" in shown
    assert '"subject": "Done"' in shown
    whole = told(dlq("show", A, "--format", "json"))
    assert (whole["id"], whole["cause"], whole["traceback"]) == (A, "MailRefused", None)


def test_ids_that_name_none_or_several(dlq: Dlq, world: World) -> None:
    world.park(A, A)
    assert "is too short" in one_line(dlq("show", A[:5]), 2)
    line = one_line(dlq("show", A), 2)
    assert f"2 dead letters are named {A}" in line
    (first, _) = re.findall(r"\(message ([^)]+)\)", line)
    assert told(dlq("show", first, "--format", "json"))["message_id"] == first
    done = dlq("show", B)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"there is no dead letter {B}; `thestack dlq list --format json` has them all\n"


def test_redrive_wants_to_be_told_which(dlq: Dlq, world: World) -> None:
    world.park(A, B)
    world.park(C, cause="Reject")
    which = f"say which, in one way: IDs, --cause or --all; {SEND} has 2 MailRefused, 1 Reject"
    assert one_line(dlq("redrive", SEND), 2) == which
    assert one_line(dlq("redrive", SEND, "--all", "--cause", "Reject"), 2) == which
    assert told(dlq("redrive", SEND, "--cause", "Reject", "--format", "json"))["redriven"] == 1
    assert world.queued_ids() == [C]
    assert told(dlq("redrive", SEND, B[:8], "--format", "json"))["redriven"] == 1
    assert world.queued_ids() == [B]
    assert dlq("redrive", SEND, "--all").stdout == f"1 dead letter redriven to {SEND}\n"
    assert (world.queued_ids(), world.ids()) == ([A], [])
    assert told(dlq("redrive", SEND, "--all", "--format", "json"))["redriven"] == 0


def test_a_discarded_message_needs_a_reason_and_is_kept(dlq: Dlq, world: World) -> None:
    world.park(A, B)
    assert one_line(dlq("discard", SEND, A), 2).startswith("--why is missing")
    assert told(dlq("discard", SEND, A, "--why", "a test user", "--format", "json")) == {
        "consumer": SEND,
        "discarded": 1,
        "kept": f"/thestack/{world.environment}/discarded",
    }
    (record,) = Discards(world.aws, world.environment).read()
    assert (record["id"], record["why"]) == (A, "a test user")
    assert (world.ids(), world.queued_ids()) == ([B], [])


def test_a_field_is_edited_and_the_change_shown(dlq: Dlq, world: World) -> None:
    world.park(A)
    done = dlq("edit", A, "--set", "data.subject=Hello")
    assert done.returncode == 0, done.stderr
    assert '-    "subject": "Done"' in done.stdout
    assert '+    "subject": "Hello"' in done.stdout
    (letter,) = world.letters.read().letters
    assert (letter.id, letter.cause, letter.said["data"]["subject"]) == (A, "MailRefused", "Hello")
    assert re.search(r"^edited +20", dlq("show", A).stdout, re.MULTILINE)
    assert dlq("edit", A, "--set", "data.subject=Hello").stdout == f"{A} is as it was\n"


@pytest.mark.parametrize(
    ("words", "code", "wrong"),
    [
        (("--set", "data.subject=7"), 1, f"{SEND} would not take that: notifications/email is malformed"),
        (("--set", "type=other"), 1, f"{SEND} would not take that: `send_email` does not hear"),
        (("--set", "id=other"), 1, f"{SEND} would not take that: its id is no longer"),
        (("--set", "nonsense"), 2, "error: cannot set 'nonsense': write FIELD=VALUE"),
        (("--set", "data.to.user=1"), 2, "error: cannot set 'data.to.user=1'"),
        (("--file", "none.json"), 2, "error: cannot read none.json"),
        (("--file", "a", "--set", "b=c"), 2, "error: --file and --set are two ways"),
    ],
)
def test_what_is_no_edit(dlq: Dlq, world: World, words: tuple[str, ...], code: int, wrong: str) -> None:
    world.park(A)
    done = dlq("edit", A, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(wrong)
    (letter,) = world.letters.read().letters
    assert letter.envelope == message(A)


def test_edited_by_a_file(dlq: Dlq, world: World, project: Path) -> None:
    world.put("no json")
    (letter,) = world.letters.read().letters
    (project / "right.json").write_text(message(A).to_json())
    assert dlq("edit", letter.id, "--file", "right.json").returncode == 0
    assert world.ids() == [A]


def test_edited_in_an_editor(dlq: Dlq, world: World, project: Path) -> None:
    world.park(A)
    change = (
        "import sys, pathlib as p; f = p.Path(sys.argv[1]); f.write_text(f.read_text().replace({!r}, {!r}))"
    )
    editor = f'{sys.executable} -c "{change}"'.replace("\\", "")
    names = {"TMPDIR": str(project), "VISUAL": ""}
    done = dlq("edit", A, env={**names, "EDITOR": editor.format("Done", "Hello")})
    assert done.returncode == 0, done.stderr
    assert list(project.glob("dead-letter-*")) == []
    (letter,) = world.letters.read().letters
    assert letter.said["data"]["subject"] == "Hello"
    done = dlq("edit", A, env={**names, "EDITOR": editor.format("to_user", "nobody")})
    assert done.returncode == 1
    (kept,) = project.glob("dead-letter-*")
    assert f"mend it and say --file {kept}" in done.stderr
    assert "nobody" in kept.read_text()
    assert "cannot start the editor" in one_line(dlq("edit", A, env={**names, "EDITOR": "/no/such"}), 2)
    assert "exit code 3" in one_line(dlq("edit", A, env={**names, "EDITOR": "sh -c 'exit 3'"}), 2)
    assert "there is no terminal" in one_line(dlq("edit", A, env={**names, "EDITOR": ""}), 2)


def test_a_dry_run_where_the_consumer_is_not_deployed(dlq: Dlq, world: World) -> None:
    world.park(A)
    line = one_line(dlq("dry-run", A), 3)
    assert line.startswith(
        f"cannot take the settings of the function {world.environment}-notifications-queue-send-email at "
    )
    assert world.ids() == [A]


def test_interrupted_it_says_how_far_it_came_and_nothing_is_lost(project: Path, world: World) -> None:
    world.park(A, B, C)
    where = ("--endpoint", str(world.aws.endpoint), "--env", world.environment)
    words = ("dlq", "redrive", SEND, "--all", "--rate", "0.1", *where)
    with subprocess.Popen(
        [sys.executable, "-m", "thestack.cli", *words], cwd=project, stderr=subprocess.PIPE, text=True
    ) as process:
        eventually(lambda: world.waiting() == 1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.splitlines()[0] == "1 redriven; the others are where they were"
    assert sorted([*world.ids(), *world.queued_ids()]) == [A, B, C]
