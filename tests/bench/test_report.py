"""The table, the JSON and the page say the same, and a missed budget as plainly as a kept one."""

import io
import json
import platform
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from bench.figures import Figure, Section
from bench.machine import Machine, this_machine
from bench.report import number, page, show, write_json

DAY = date(2026, 1, 2)
MACHINE = Machine("Processor", 2, 8, "Linux 6 on x86_64", 0.5, {"Python": "3.11.7"})
OURS = Section(
    "ours",
    "Ours",
    "By a clock.",
    (
        Figure("ours.kept", "a kept one", "ms", 1.234, 15, 1.0, 2.0, budget=2.0),
        Figure("ours.missed", "a missed one", "s", 1234.0, budget=3.0),
        Figure("ours.free", "a free one", "MB", 5.0),
    ),
)
THEIRS = Section(
    "theirs", "Theirs", "By a clock.", (Figure("theirs.one", "the peer's", "ms", 7.0, beside="ours.kept"),)
)
FAILED = Section("failed", "Failed", "By a clock.", (), "there is no network")
ALL = (OURS, THEIRS, FAILED)


def shown(width: int) -> list[str]:
    """The lines of the table on a screen of this width."""
    screen = io.StringIO()
    show(ALL, Console(file=screen, width=width))
    return screen.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_the_screen_and_says_every_verdict(width: int) -> None:
    lines = shown(width)
    assert all(len(line.rstrip()) <= width for line in lines)
    (kept,) = (line for line in lines if "a kept one" in line and "≤" in line)
    assert "1.23 ms" in kept
    assert "1 - 2 (15)" in kept
    assert "not met" not in kept
    (missed,) = (line for line in lines if "a missed one" in line)
    assert "not met" in missed
    assert any("not measured: there is no network" in line for line in lines)


def test_the_page_begins_with_the_budgets_and_names_the_machine() -> None:
    text = page(ALL, MACHINE, DAY)
    assert "| a kept one | 2 ms | 1.23 ms | met |" in text
    assert "| a missed one | 3 s | 1,234 s | not met |" in text
    budgets = text.split("## Ours")[0]
    assert "a free one" not in budgets
    assert "**Not measured**: there is no network" in text
    assert "2 cores of Processor, 8 GB of memory" in text
    assert "Python 3.11.7" in text


def test_a_peers_figure_has_ours_beside_it_without_its_budget() -> None:
    theirs = page(ALL, MACHINE, DAY).split("## Theirs")[1].split("## ")[0]
    assert "| the peer's | 7 ms |" in theirs
    assert "| … this stack: a kept one | 1.23 ms | 1 - 2 (15) |  |  |" in theirs


def test_a_peers_figure_stands_alone_where_ours_was_not_measured() -> None:
    assert "this stack" not in page([THEIRS], MACHINE, DAY)


def test_the_json_holds_every_figure_with_its_verdict(tmp_path: Path) -> None:
    write_json(ALL, MACHINE, DAY, tmp_path / "results.json")
    told = json.loads((tmp_path / "results.json").read_text())
    verdicts = {each["key"]: each["is_met"] for section in told["sections"] for each in section["figures"]}
    assert verdicts == {"ours.kept": True, "ours.missed": False, "ours.free": None, "theirs.one": None}
    assert told["date"] == "2026-01-02"
    assert told["machine"]["cores"] == 2
    assert [section["failure"] for section in told["sections"]] == [None, None, "there is no network"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5512, "0.551"),
        (15, "15"),
        (99.96, "100"),
        (1234.4, "1,234"),
        (-20.4, "-20.4"),
        (-1234.4, "-1,234"),
        (0, "0"),
    ],
)
def test_a_figure_has_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_this_machine_is_told_without_what_would_name_it() -> None:
    machine = this_machine()
    assert machine.cores >= 1
    assert machine.memory >= 1
    assert set(machine.versions) >= {"Python", "Node", "graphql-core", "pydantic"}
    assert platform.node() not in repr(machine)
