"""The demo passes beside another stack of the same checkout, and tells what it did."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Client
from tests.e2e.steps.run import SCENARIO, main
from tests.e2e.steps.telling import expect
from tests.e2e.steps.world import World
from thestack.local.description import LocalStack, running

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)  # it runs every step there is, beside the other tests
def test_it_passes_and_disturbs_nobody(stack: LocalStack, anonymous: Client) -> None:
    command = [sys.executable, "tests/e2e/demo.py", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=560, check=False)
    told = json.loads(done.stdout)
    assert told["failure"] is None
    assert done.returncode == 0
    assert len(told["steps"]) == len(SCENARIO) + 1  # and that nothing is left of it
    assert all(step["exchanges"] and step["ms"] > 0 for step in told["steps"])
    assert stack in running(ROOT)
    assert anonymous.post("{ __typename }", stack.public_graphql).json() == {"data": {"__typename": "Query"}}


def test_ctrl_c_within_a_command_of_a_step_is_no_failed_step(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(world: World) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        expect(False, "the command ended by Ctrl-C, too")

    assert main([], [("one that is cut short", interrupted)]) == 130
    assert capsys.readouterr().out.strip().splitlines()[-1] == "demo: ended by SIGINT"


def test_a_failed_step_names_itself(capsys: pytest.CaptureFixture[str]) -> None:
    def passes(world: World) -> None:
        world.ask(None, "{ __typename }", world.stack.public_graphql)

    def fails(world: World) -> None:
        expect(False, "the sky is not blue")

    assert main([], [("one that passes", passes), ("one that fails", fails), ("one more", passes)]) == 1
    told = capsys.readouterr().out
    assert "one more" not in told
    last = told.strip().splitlines()[-1]
    assert last.startswith("demo: step 2 failed, 'one that fails': ")
    assert "the sky is not blue" in last
