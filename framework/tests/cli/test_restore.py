"""`thestack restore`, where it is asked for what can't be."""

import pytest

from framework.tests.cli.conftest import Command

NOWHERE = ("--endpoint", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody",), "there is no service 'nobody'"),
        (("todo", "--to", "yesterday"), "'yesterday' is no time; one is 2026-11-26T09:30:00Z, or latest"),
        (("todo", "--to", "2999-01-01"), "is yet to come"),
        (("todo", "--to", "latest", "--backup", "arn"), "say one of them"),
    ],
)
def test_what_is_no_source(command: Command, arguments: tuple[str, ...], said: str) -> None:
    done = command("restore", *arguments, *NOWHERE)
    assert done.returncode == 2, done.stderr
    assert said in " ".join(done.stderr.split())
