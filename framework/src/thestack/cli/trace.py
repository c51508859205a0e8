"""`thestack trace`: what one request caused, down to the last e-mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Annotated, Any

import typer
from rich.markup import escape

from thestack.cli.lines import duration, outcome, what
from thestack.cli.output import NO, Format, FormatOption, UsageMistake, err, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.since import SinceOption, moment
from thestack.cli.target import EndpointOption, EnvironmentOption, Place, RunOption, TargetOption, find_target
from thestack.definition.load import models
from thestack.operations.handlers import of_environment
from thestack.operations.logs import Logs
from thestack.operations.trace import SHORT_ID, Kind, Step, find, tree

LONGEST_ERROR = 90
"""Characters of an error in the tree; the log has all of it."""


@reporting
def trace(
    id: Annotated[
        str,
        typer.Argument(
            help="A correlation id, which the API answers in the header x-correlation-id and the log shows; "
            "or the id of an event, a message or an e-mail. Its first 8 characters will do."
        ),
    ],
    since: SinceOption = "1d",
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Show the tree of what a request caused: subgraphs, events, relays, consumers, e-mails, with times.

    Each line: what ran, its outcome, when it began after the first, how long it took. Exit code 1 if nothing
    in the log has this id.
    """
    if len(id) < SHORT_ID:
        raise UsageMistake(f"{id!r} is too short; give at least the first {SHORT_ID} characters of an id")
    root = find_root()
    where = find_target(root, target, env, endpoint, run)
    functions = of_environment(where.environment, models(root))
    records = find(Logs(where.aws, list(functions.values())), id, moment(since))
    if not records:
        err.print(
            f"nothing in the log of the last {since} has the id {id}; look further back with --since, "
            "or for ids with `thestack logs`",
            markup=False,
        )
        raise typer.Exit(NO)
    began = min(record.began for record in records)
    steps = tree(records)
    if format is Format.JSON:
        print_json([_as_json(step, began) for step in steps])
        return
    rows = [row for step in steps for row in _rows(step, began, "", "")]
    width = max(len(row.label) for row in rows if row.columns)
    for row in rows:
        out.print(row.text(width))


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the tree: its label, and the columns beside it."""

    label: str
    columns: str = ""

    def text(self, width: int) -> str:
        """The line, for rich."""
        return f"{escape(f'{self.label:<{width}}')}  {self.columns}" if self.columns else escape(self.label)


def _rows(step: Step, began: datetime, first: str, rest: str) -> Iterator[_Row]:
    """The lines of a step and of all that followed; `first` and `rest` lead its first line and the others."""
    yield _Row(first + _label(step), _columns(step, began))
    if step.record and step.record.error:
        error = step.record.error
        told = shorten(f"{error.type}: {error.message}", LONGEST_ERROR, placeholder=" …")
        yield _Row(f"{rest}{'│' if step.steps else ' '}    {told}")
    for number, each in enumerate(step.steps, start=1):
        is_last = number == len(step.steps)
        yield from _rows(
            each, began, rest + ("└─ " if is_last else "├─ "), rest + ("   " if is_last else "│  ")
        )


def _label(step: Step) -> str:
    match step.kind:
        case Kind.RUN if step.record:
            # What it took stands above it, and is not said again.
            record = step.record
            about = what(record).removeprefix(record.type).removeprefix(", ") if record.type else what(record)
            return f"{step.name}  {about.strip()}".rstrip()
        case Kind.EVENT:
            carried = any(each.record and each.record.destination for each in step.steps)
            return f"{step.name}  {step.id}{'' if carried else '  (not carried yet)'}"
        case _:
            return f"{step.name}  {step.id}".rstrip()


def _columns(step: Step, began: datetime) -> str:
    if step.record:
        after = (step.record.began - began).total_seconds() * 1000
        return f"{outcome(step.record, 9)} [dim]{'+' + duration(after):>10} {duration(step.record.ms):>9}[/]"
    if step.call:
        colour = "green" if step.call.outcome == "ok" else "red"
        said = f"{step.call.outcome} {step.call.why}".rstrip()
        return f"[{colour}]{escape(f'{said:<9}')}[/] [dim]{'':>10} {duration(step.call.ms):>9}[/]"
    return ""


def _as_json(step: Step, began: datetime) -> dict[str, Any]:
    record = step.record
    said: dict[str, Any] = {"kind": step.kind, "name": step.name}
    if step.id:
        said["id"] = step.id
    if record:
        said["after_ms"] = round((record.began - began).total_seconds() * 1000, 1)
        said["record"] = record.as_json()
    if step.call:
        said["call"] = {"outcome": step.call.outcome, "ms": step.call.ms, "why": step.call.why}
    return {**said, "steps": [_as_json(each, began) for each in step.steps]}
