"""`thestack publish`, where it can not mean that."""

import pytest

from framework.tests.cli.conftest import Command, one_line
from thestack.cli.output import USAGE


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("public", "--new-key"), "the public frontend has no sessions of its own, and so no key"),
        (("public", "--env", "local"), "the environment local does without the public frontend"),
    ],
)
def test_what_it_can_not_mean(command: Command, words: tuple[str, ...], wrong: str) -> None:
    done = command("publish", *words, "--endpoint", "http://127.0.0.1:9")
    assert wrong in one_line(done, USAGE)
