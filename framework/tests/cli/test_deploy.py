"""Deployments at the command line: what is refused before anything is made, and in which words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from framework.tests.cli.conftest import ROOT, Command, one_line
from thestack.local.description import LocalStack, write
from thestack.local.emulator import launch, wait_until_ready
from thestack.local.run import new_run
from thestack.toolchain.tools import find

NOWHERE = ("--endpoint", "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """An emulator to which nothing is deployed."""
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        yield "--env", "dev", "--endpoint", emulator.endpoint


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("deploy",), "name services to deploy, or say --all"),
        (("deploy", "todo", "--all"), "name services to deploy, or say --all"),
        (("deploy", "tdo", *NOWHERE), "there is no service 'tdo'"),
        (("deploy", "todo", "--env", "nowhere", *NOWHERE), "no environment 'nowhere'"),
        (
            ("destroy", "todo", "--env", "dev", *NOWHERE),
            "the data of todo in dev goes with it; say so with --yes",
        ),
    ],
)
def test_wrong_words_are_told_before_anything_is_made(command: Command, words: list[str], wrong: str) -> None:
    assert wrong in one_line(command(*words), code=2)


def test_an_environment_begins_with_all_of_it(command: Command, empty: tuple[str, ...]) -> None:
    said = one_line(command("deploy", "todo", *empty), code=3)
    assert "nothing is deployed to dev" in said
    assert "begin with `thestack deploy --all --env dev`" in said
    assert "nothing is deployed to dev" in command("releases", *empty).stdout


@pytest.mark.parametrize("words", [("rollback", "todo"), ("destroy", "todo", "--yes")])
def test_what_does_not_run_can_not_be_taken_back(
    command: Command, empty: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = command(*words, *empty)
    assert (done.returncode, done.stdout) == (1, "")
    assert "todo does not run in dev; `thestack releases` lists what does" in done.stderr


def test_what_runs_from_the_source_is_not_deployed_to(command: Command, project: Path) -> None:
    with new_run(project) as run:
        write(
            LocalStack(run.id, "local", NOWHERE[1], "api", "pool", "client", "templates", is_source=True),
            run.folder,
        )
        said = one_line(command("deploy", "todo"), code=2)
    assert "runs from the source" in said
    assert "--env dev" in said
