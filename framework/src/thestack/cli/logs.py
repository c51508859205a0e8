"""`thestack logs`: each request, event and message as one line."""

from collections.abc import Iterable
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from thestack.cli.lines import text_of
from thestack.cli.output import Format, FormatOption, JsonOption, UsageMistake, out, reporting
from thestack.cli.project import find_root
from thestack.cli.since import SinceOption, moment
from thestack.cli.target import (
    EndpointOption,
    EnvironmentOption,
    Place,
    RunOption,
    Target,
    TargetOption,
    find_target,
)
from thestack.definition.load import models
from thestack.diagnostics.diagnostic import nearest
from thestack.operations.handlers import of_environment
from thestack.operations.interruption import Interrupted, Interruption
from thestack.operations.logs import Line, Logs


@reporting
def logs(
    whose: Annotated[
        str | None,
        typer.Argument(
            metavar="[SERVICE[.HANDLER]]",
            help="As in todo, todo.relay, analytics.count, router; without it, all.",
        ),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    since: SinceOption = "10m",
    errors: Annotated[
        bool, typer.Option("--errors", help="Only what did not go well: every outcome but a good one.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what else was printed: by the services, by Lambda itself.")
    ] = False,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
    json: JsonOption = False,
) -> None:
    """Show each request, event and message as one line, oldest first.

    Columns: local time, who, what, outcome, duration, and the beginning of the correlation id, for `thestack
    trace`. With --format json, one object a line, with everything that the record holds.
    """
    root = find_root()
    format = Format.JSON if json else format
    where = find_target(root, target, env, endpoint, run)
    source = Logs(where.aws, _functions(root, where, whose))
    if not follow:
        _show(source.read(moment(since)), format, errors, everything)
        return
    with Interruption() as interruption:
        try:
            for lines in source.follow(moment(since), interruption.pause):
                _show(lines, format, errors, everything)
        except Interrupted:
            return


def _functions(root: Path, where: Target, whose: str | None) -> list[str]:
    functions = of_environment(where.environment, models(root))
    chosen = [
        function for name, function in functions.items() if whose in (None, name, name.partition(".")[0])
    ]
    if not chosen:
        known = [*functions, *dict.fromkeys(name.partition(".")[0] for name in functions)]
        raise UsageMistake(f"there is no service or handler {whose!r}. {nearest(str(whose), known)}".rstrip())
    return chosen


def _show(lines: Iterable[Line], format: Format, errors: bool, everything: bool) -> None:
    for line in lines:
        record = line.record
        if record is None:
            if everything:
                _show_other(line, format)
        elif not (errors and record.went_well):
            if format is Format.JSON:
                print(dumps(record.as_json()), flush=True)
            else:
                out.print(text_of(record))


def _show_other(line: Line, format: Format) -> None:
    if format is Format.JSON:
        print(dumps({"at": line.at.isoformat(), "function": line.function, "text": line.text}), flush=True)
    else:
        out.print(f"{line.function}: {line.text}", style="dim", markup=False)
