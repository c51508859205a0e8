"""What clients ask is recorded by the router of the stack, and replayed against a change."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Client, eventually
from thestack.contract.blame import Blame
from thestack.contract.findings import Level
from thestack.contract.operations import client_operations
from thestack.contract.replay import replayed
from thestack.definition.load import models
from thestack.infra.supergraph import supergraph_of
from thestack.local.description import LocalStack

ROOT = Path(__file__).parents[2]
ASKED = """query Recorded($first: Int!) {
  mine: todos(first: $first) { nodes { title } }
  todo(id: "a secret") { id }
}"""


@pytest.fixture
def record(stack: LocalStack, tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """Runs `thestack operations record` into a folder of the test's."""

    def record() -> list[dict[str, Any]]:
        words = ["operations", "record", "--run", stack.run, "--folder", str(tmp_path), "--format", "json"]
        done = subprocess.run(
            [sys.executable, "-m", "thestack.cli", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    return record


def test_what_is_asked_is_recorded_and_holds_back_a_change_that_would_break_it(
    alice: Client, record: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    alice.ask(ASKED, first=3)

    def asked() -> str:
        record()
        texts = [each for each in client_operations(tmp_path) if each.name == "Recorded"]
        return texts[0].text if texts else ""

    text: str = eventually(asked, what="the operation in the router's log")
    assert "secret" not in text
    assert "mine" not in text
    assert sum(each["new"] for each in record()) == 0, "recorded again, nothing is new"

    (operation,) = (each for each in client_operations(tmp_path) if each.name == "Recorded")
    assert operation.file == f"frontends/recorded/operations/{operation.client}.graphql"
    before = supergraph_of(models(ROOT), ROOT).public_sdl
    after = before.replace(
        "title: String!\n  createdAt: DateTime!\n  status", "createdAt: DateTime!\n  status"
    )
    assert after != before
    blame = Blame({"todo": before}, {"todo": after})
    assert list(replayed([operation], before, before, blame)) == []
    (finding,) = replayed([operation], before, after, blame)
    assert finding.level is Level.BREAKING
    assert f"operation Recorded of {operation.file} of client {operation.client}" in finding.message
