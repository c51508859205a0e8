"""`thestack explain`: what it refuses. What it tells is seen where a stack runs, in tests/e2e."""

import pytest

from framework.tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("mutation { deleteTodo(id: 1) { id } }",), "a mutation can't be explained"),
        (("{ a }", "--variables", "[1"), "--variables is no JSON"),
        (("{ a }", "--variables", "[1]"), "must be a JSON object"),
        (("{ a }", "--group", "staff"), "name one with --as"),
        (("{ a }", "--target", "aws"), "needs --env"),
    ],
)
def test_wrong_usage(command: Command, words: tuple[str, ...], why: str) -> None:
    done = command("explain", *words)
    assert done.returncode == 2
    assert why in done.stderr


def test_without_a_stack(command: Command) -> None:
    done = command("explain", "{ todos { nodes { id } } }")
    assert done.returncode == 3
    assert "no local stack runs" in done.stderr
