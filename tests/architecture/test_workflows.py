"""The workflows that users get: linted, and made of commands that run on anybody's machine."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.checkout import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
GROUPS = ("preview",)
ACTIONLINT = Path(sys.executable).with_name("actionlint")


def commands() -> list[tuple[str, ...]]:
    """Every call of `thestack` in a step: the command's name, after its group's, and its options."""
    found: set[tuple[str, ...]] = set()
    for workflow in WORKFLOWS:
        for job in yaml.safe_load(workflow.read_text())["jobs"].values():
            for step in job.get("steps", ()):
                for call in re.findall(r"\.venv/bin/thestack ([^|;<>}\n]+)", step.get("run", "")):
                    name, *words = shlex.split(call)
                    if name in GROUPS:
                        name = f"{name} {words.pop(0)}"
                    found.add((name, *(word for word in words if word.startswith("--"))))
    return sorted(found)


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_a_step_calls_a_command_that_there_is(command: tuple[str, ...]) -> None:
    name, *options = command
    help = subprocess.run(
        [sys.executable, "-m", "thestack.cli", *name.split(), "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert help.returncode == 0, help.stderr
    for option in options:
        assert option in help.stdout


def test_they_check_plan_and_deploy() -> None:
    assert {name for name, *_ in commands()} == {
        *("check", "deploy", "plan", "publish"),
        *("preview down", "preview expire", "preview up"),
    }


def test_production_comes_after_integration_and_only_a_stage_may_write() -> None:
    deploy = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())
    assert deploy["jobs"]["production"]["needs"] == "integration"
    for workflow in WORKFLOWS:
        assert yaml.safe_load(workflow.read_text())["permissions"] == {"contents": "read"}


def test_a_mistake_in_a_workflow_is_found(tmp_path: Path) -> None:
    assert subprocess.run([ACTIONLINT, *WORKFLOWS], check=False).returncode == 0
    wrong = tmp_path / "wrong.yml"
    wrong.write_text((ROOT / ".github/workflows/stage.yml").read_text().replace("inputs.", "input."))
    done = subprocess.run([ACTIONLINT, wrong], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'undefined variable "input"' in done.stdout
