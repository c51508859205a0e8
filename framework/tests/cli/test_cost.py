"""`thestack cost`, as a user asks for it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from framework.tests.cli.conftest import ROOT, Command


def test_the_bill_of_the_default_environment(command: Command) -> None:
    done = command("cost", "--check", "--format", "json", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    idle = told["idle"]["items"]
    assert sum(Decimal(each["dollars"]) for each in idle) == Decimal(told["idle"]["total"])
    assert Decimal(told["total"]) <= told["budget"]
    assert all(each["without"] and each["source"] for each in idle)
    (polled,) = (each for each in idle if each["resource"].startswith("ServiceDetachSource"))
    assert (polled["stack"], polled["dollars"]) == ("dev-todo", "0.2628")
    shown = command("cost", cwd=ROOT).stdout
    assert "0.26    " + polled["resource"] in shown
    assert "without: Environment(polling=False)" in shown


def test_a_load_above_the_budget(command: Command, tmp_path: Path) -> None:
    load = tmp_path / "load.json"
    load.write_text(json.dumps({"requests": 500_000_000}), encoding="utf-8")
    done = command("cost", "--load", str(load), "--check", cwd=ROOT)
    assert done.returncode == 1
    assert "its budget is 20" in done.stderr
    assert "API requests: 500,000,000 requests" in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"reqests": 5}', "reqests: Unexpected keyword argument. A load is a JSON object of requests,"),
        ('{"requests": -5}', "requests: Input should be greater than or equal to 0"),
        ("5", "is no load"),
    ],
)
def test_what_is_no_load(command: Command, tmp_path: Path, text: str, said: str) -> None:
    load = tmp_path / "load.json"
    load.write_text(text, encoding="utf-8")
    done = command("cost", "--load", str(load), cwd=ROOT)
    assert done.returncode == 2
    assert said in done.stderr


def test_what_can_not_be_billed(command: Command) -> None:
    elsewhere = command("cost", "--region", "mars-north-1", cwd=ROOT)
    assert elsewhere.returncode == 2
    assert "no prices of mars-north-1" in elsewhere.stderr
    unbudgeted = command("cost", "--env", "local", "--check", cwd=ROOT)
    assert unbudgeted.returncode == 2
    assert "local has no budget" in unbudgeted.stderr
