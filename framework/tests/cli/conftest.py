"""The command as a user runs it: a process of its own, in a project."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MISTAKES = ROOT / "framework/tests/fixtures/mistakes/everything.py"
Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the repository's services, and the local stack's programs."""
    shutil.copytree(
        ROOT / "services", tmp_path / "services", ignore=shutil.ignore_patterns("__pycache__", "tests")
    )
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def command(project: Path) -> Command:
    """Runs `thestack ...` in the project, or elsewhere."""

    def command(*arguments: str, cwd: Path = project, env: dict[str, str] | None = None) -> Done:
        return subprocess.run(
            [sys.executable, "-m", "thestack.cli", *arguments],
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return command


def one_line(done: Done, code: int) -> str:
    """The error that a command ended with."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line.removeprefix("error: ")
