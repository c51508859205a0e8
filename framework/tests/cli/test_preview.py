"""Previews at the command line: what is refused before anything is made, and in which words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from framework.tests.cli.conftest import ROOT, Command, one_line
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
        yield "--endpoint", emulator.endpoint


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("up", "pr-1", "--base", "production"), "production is a production environment: a preview would"),
        (("up", "pr-1", "--base", "nowhere"), "no environment 'nowhere'"),
        (
            ("up", "pr-1", "--ttl", "soon"),
            "'soon' is no time for a preview to stay; write a number and s, m,",
        ),
        (("up", "pr-1", "--services", "tood"), "there is no service 'tood' in"),
        (("expire", "--now", "2026-11-26T10:00:00"), "'2026-11-26T10:00:00' is no time with a zone"),
    ],
)
def test_wrong_words_are_told_before_anything_is_made(
    command: Command, words: tuple[str, ...], wrong: str
) -> None:
    assert wrong in one_line(command("preview", *words, *NOWHERE, cwd=ROOT), 2)


def test_beside_nothing_there_is_none(command: Command, empty: tuple[str, ...], tmp_path: Path) -> None:
    done = command("preview", "up", "pr-1", *empty, cwd=ROOT)
    assert "begin with `thestack deploy --all --env preview`" in one_line(done, 3)
    assert command("preview", "list", *empty, cwd=ROOT).stdout.startswith("no preview is beside preview;")
    done = command("preview", "down", "pr-1", *empty, cwd=ROOT)
    assert (done.returncode, done.stdout.split(";")[0]) == (0, "there is no preview pr-1 beside preview")


def test_a_name_that_would_be_anothers_is_refused(command: Command, empty: tuple[str, ...]) -> None:
    done = command("preview", "up", "preview-1", "--services", "todo", *empty, cwd=ROOT)
    assert "a preview can't be called 'preview-1': it begins as the environment preview's" in one_line(
        done, 2
    )
