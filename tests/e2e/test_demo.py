"""The demo passes beside another stack of the same checkout, and tells what it did."""

import json
import subprocess
import sys
from pathlib import Path

from tests.e2e.conftest import Client
from thestack.local.description import LocalStack, running

ROOT = Path(__file__).parents[2]
STEPS = 19


def test_it_passes_and_disturbs_nobody(stack: LocalStack, anonymous: Client) -> None:
    command = [sys.executable, "tests/e2e/demo.py", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    told = json.loads(done.stdout)
    assert told["failure"] is None
    assert done.returncode == 0
    assert len(told["steps"]) == STEPS
    assert all(step["exchanges"] and step["ms"] > 0 for step in told["steps"])
    assert stack in running(ROOT)
    assert anonymous.post("{ __typename }", stack.public_graphql).json() == {"data": {"__typename": "Query"}}
