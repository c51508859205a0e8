"""The same results three times: a table on the screen, JSON for programs, a page for people."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.figures import Figure, Section
from bench.machine import Machine

_VERDICTS = {None: "", True: "met", False: "not met"}
_INTRODUCTION = """\
# The bench

One run of the bench on {date}; `results.json` beside this page holds the same figures. A figure is the
median of the number of samples in brackets, unless its name says otherwise. Cold and warm contenders ran in
turns, so that all saw the same machine: their ratios mean more than their times. A budget is the most that
the design allows.
"""


def show(sections: Sequence[Section], console: Console) -> None:
    """Print one table for each section."""
    for section in sections:
        if section.failure is not None:
            console.print(f"[bold]{escape(section.title)}[/]: not measured: {escape(section.failure)}")
            continue
        table = Table(title=section.title, title_justify="left", title_style="bold", min_width=78)
        table.add_column("", overflow="fold")
        for heading in ("figure", "lowest - highest", "budget", ""):
            table.add_column(heading, justify="right", no_wrap=True)
        for each in _with_companions(section, sections):
            style = {None: "", True: "green", False: "bold red"}[each.is_met]
            table.add_row(escape(each.name), *_cells(each), style=style)
        console.print(table)


def write_json(sections: Sequence[Section], machine: Machine, day: date, path: Path) -> None:
    """Write everything, samples' extremes included."""
    whole = {
        "date": day.isoformat(),
        "machine": asdict(machine),
        "sections": [section.as_json() for section in sections],
    }
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def page(sections: Sequence[Section], machine: Machine, day: date) -> str:
    """The results as a page of Markdown."""
    return "\n".join(
        [
            _INTRODUCTION.format(date=day.isoformat()),
            *_against_budgets(sections),
            *(line for section in sections for line in _section(section, sections)),
            *_machine(machine),
        ]
    )


def number(value: float) -> str:
    """A figure to three digits, which is more than one run can promise."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _against_budgets(sections: Sequence[Section]) -> list[str]:
    judged = [each for section in sections for each in section.figures if each.budget is not None]
    if not judged:
        return []
    rows = [
        f"| {each.name} | {_amount(each.budget or 0, each.unit)} | {_amount(each.value, each.unit)} "
        f"| {_VERDICTS[each.is_met]} |"
        for each in judged
    ]
    return ["## Against the budgets", "", "| what | budget | figure | |", "|---|--:|--:|---|", *rows, ""]


def _with_companions(section: Section, sections: Sequence[Section]) -> Iterator[Figure]:
    """A section's figures, each followed by the one that is to be read beside it."""
    known = {each.key: each for other in sections for each in other.figures}
    for figure in section.figures:
        yield figure
        if figure.beside in known:
            ours = known[figure.beside]
            yield replace(ours, name=f"… this stack: {ours.name}", budget=None)


def _section(section: Section, sections: Sequence[Section]) -> list[str]:
    lines = [f"## {section.title}", "", section.method, ""]
    if section.failure is not None:
        return [*lines, f"**Not measured**: {section.failure}", ""]
    rows = [f"| {each.name} | {' | '.join(_cells(each))} |" for each in _with_companions(section, sections)]
    heading = ["| | figure | lowest - highest | budget | |", "|---|--:|--:|--:|---|"]
    return [*lines, *heading, *rows, ""]


def _cells(figure: Figure) -> tuple[str, str, str, str]:
    """Figure, extremes, budget, verdict."""
    spread = ""
    if figure.low is not None and figure.high is not None and figure.samples > 1:
        spread = f"{number(figure.low)} - {number(figure.high)} ({figure.samples:,})"
    budget = "" if figure.budget is None else f"≤ {number(figure.budget)}"
    return _amount(figure.value, figure.unit), spread, budget, _VERDICTS[figure.is_met]


def _amount(value: float, unit: str) -> str:
    return f"{number(value)} {unit}"


def _machine(machine: Machine) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    return [
        "## The machine",
        "",
        f"{machine.cores} cores of {machine.processor}, {machine.memory} GB of memory, {machine.system}; "
        f"the load average was {machine.load} when the run began.",
        "",
        f"{versions}.",
        "",
    ]
