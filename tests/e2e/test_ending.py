"""However and whenever the stack is ended, no process, port or file of it is left."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import eventually
from thestack.local.run import live_runs

ROOT = Path(__file__).parents[2]
STATE = ROOT / ".stack"
MOMENTS = 20
LATEST = 4.0
"""Seconds: beyond the end of a start-up from cached templates on an idle machine."""
linux = pytest.mark.skipif(sys.platform != "linux", reason="who is left is read from /proc")


def moments() -> list[float]:
    """Random ones, spread over the start-up; the same for every worker of a test run."""
    chosen = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID", "fixed"))  # noqa: S311 - no secret
    return [round(LATEST * (part + chosen.random()) / MOMENTS, 3) for part in range(MOMENTS)]


def files() -> set[Path]:
    """The runs that nobody holds, and what is half made in the caches.

    Another stack of this checkout may run: its folder is no leftover. Of ours, no process is left to hold
    one.
    """
    hidden = (path for folder in (STATE / "cache").glob("*") for path in folder.glob(".*-*"))
    return ({*(STATE / "run").glob("*")} - {*live_runs(ROOT)}) | {*hidden}


def end(moment: str, name: str, scratch: Path) -> dict[str, Any]:
    """Start the stack and end it; its processes and files are gone when this returns."""
    before = files()
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("ending.py")), moment, name],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["left"] == []
    left = files() - before  # by this stack, or half made by another worker, who is ready soon
    eventually(lambda: not left & files(), what=f"the end of {sorted(map(str, left))}")
    assert list(scratch.iterdir()) == []
    return told


@linux
@pytest.mark.parametrize("number", range(MOMENTS))
def test_ctrl_c_at_a_random_moment_of_the_start(number: int, tmp_path: Path) -> None:
    told = end(str(moments()[number]), "SIGINT", tmp_path)
    if told["out"]:
        assert told["code"] == 0
    else:
        assert told["code"] in (130, -2), told["err"]  # -2: before Python ran any code of ours


@linux
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 0), ("SIGTERM", 0), ("SIGHUP", 0)])
def test_a_running_stack_ends_at_a_signal(name: str, code: int, tmp_path: Path) -> None:
    told = end("up", name, tmp_path)
    assert told["code"] == code, told["err"]
    assert "stopped; nothing is left" in told["err"]
    assert "Traceback" not in told["err"]


@linux
def test_a_stack_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    told = end("up", "SIGKILL", tmp_path)
    assert told["code"] == -9, told["err"]
