"""`thestack iam`: what each function may do, why, and what of it was never used."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from thestack.cli.output import NO, Format, FormatOption, err, out, print_json, reporting
from thestack.cli.project import check_service, find_root
from thestack.cli.target import LOCAL, EnvironmentOption, settings_of
from thestack.definition import names
from thestack.definition.load import models
from thestack.diagnostics.diagnostic import Diagnostic
from thestack.diagnostics.locate import Locator
from thestack.infra.grant import Cause
from thestack.infra.permissions import Permissions, permissions
from thestack.local.usage import FOLDER, SIGNED, UNRECORDED, Unused, Usage, is_visible, read_usage, unused


@reporting
def iam(
    service: Annotated[
        str | None, typer.Argument(help="One service, or `platform`; without it, all.")
    ] = None,
    never_used: Annotated[
        bool, typer.Option("--unused", help="Only what no test run, or other recorded use, has needed.")
    ] = False,
    env: EnvironmentOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """List what each function may do, with the line of the definition that asks for it.

    With --unused: the grants that no call has used since the record in .stack/usage began. The end-to-end
    tests make it; remove the file to begin anew. Exit code 1 if there is no record.
    """
    root, environment = find_root(), env or LOCAL
    if service and service != names.PLATFORM:
        check_service(root, service)
    everything = permissions(models(root), settings_of(root, environment))
    granted = [each for each in everything if service in {None, each.service}]
    because = _Because(root)
    if not never_used:
        if format is Format.JSON:
            print_json(
                {"environment": environment, "functions": [because.function(each) for each in granted]}
            )
        else:
            _show(granted, because)
        return
    usage = read_usage(root, environment)
    if usage is None:
        err.print(
            f"there is no record yet of what the functions of {environment} use: "
            f"{FOLDER / environment}.json is missing; run the end-to-end tests, which make it",
            markup=False,
        )
        raise typer.Exit(NO)
    found = unused(granted, usage, environment)
    if format is Format.JSON:
        print_json(_unused_entry(environment, usage, found, granted, because))
    else:
        _show_unused(usage, found, granted, because)


class _Because:
    """The causes of grants with their places; each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root, self._locator = root.resolve(), Locator()

    def __call__(self, causes: Iterable[Cause]) -> list[dict[str, Any]]:
        """What asks for a grant: in words, and the file, the line from 1 and its text where it does so."""
        found = [self._one(cause) for cause in causes]
        return list(
            {(each["file"], each["line"], each["source"] or each["what"]): each for each in found}.values()
        )

    def _one(self, cause: Cause) -> dict[str, Any]:
        if cause.site is None:
            return {"what": cause.text, "file": None, "line": None, "source": None}
        path = Path(cause.site.file).resolve()
        source = self._locator.source(cause.site.file)
        span = self._locator.locate(Diagnostic("", "", cause.site, cause.part))
        line = source.line(span.line)
        if cause.part.kind == "parameter":  # alone, of a signature that may be long
            line = line[max(line.rfind(cause.part.name, 0, span.column), 0) : span.end_column - 1]
        file = str(path.relative_to(self._root) if path.is_relative_to(self._root) else path)
        return {"what": cause.text, "file": file, "line": span.line, "source": line.strip()}

    def function(self, granted: Permissions) -> dict[str, Any]:
        """A function with all its grants, as JSON."""
        return {
            "function": granted.function,
            "service": granted.service,
            "grants": [
                {
                    "sid": grant.sid,
                    "actions": list(grant.actions),
                    "resources": [str(each) for each in grant.resources],
                    "conditions": dict(grant.conditions),
                    "because": self(grant.because),
                }
                for grant in granted.grants
            ],
        }


def _show(granted: Sequence[Permissions], because: _Because) -> None:
    for each in granted:
        out.print(f"[bold]{each.function}[/]")
        table = _table()
        for grant in each.grants:
            table.add_row(grant.sid, _actions(grant.actions))
            table.add_row("", f"on {', '.join(map(str, grant.resources))}")
            if grant.conditions:
                table.add_row("", f"when {json.dumps(dict(grant.conditions))}")
            _add_lines(table, because(grant.because))
        out.print(table, "")


def _show_unused(
    usage: Usage, found: Sequence[Unused], granted: Sequence[Permissions], because: _Because
) -> None:
    since, until = (f"{moment.astimezone():%Y-%m-%d %H:%M}" for moment in (usage.since, usage.until))
    for function in dict.fromkeys(each.function for each in found):
        out.print(f"[bold]{function}[/]")
        table = _table()
        own = [each for each in found if each.function == function]
        for _, same in groupby(own, key=lambda each: (each.grant.sid, each.resource)):
            first, *others = same
            actions = _actions(each.action for each in (first, *others))
            table.add_row(first.grant.sid, f"{actions} on {first.resource}")
            _add_lines(table, because(first.grant.causes_of(first.resource)))
        out.print(table, "")
    out.print(
        f"{len(found)} of {_visible(granted)} grants never used, by {usage.calls} calls, {since} to {until}."
    )
    out.print(
        f"Not told: logs, traces and event sources, which Lambda itself uses, {_all(SIGNED)}, which others "
        f"use by what is signed, and {_all(UNRECORDED)}, which the local AWS does not record."
    )


def _unused_entry(
    environment: str,
    usage: Usage,
    found: Sequence[Unused],
    granted: Sequence[Permissions],
    because: _Because,
) -> dict[str, Any]:
    return {
        "environment": environment,
        "since": usage.since.isoformat(),
        "until": usage.until.isoformat(),
        "calls": usage.calls,
        "grants": _visible(granted),
        "unused": [
            {
                "function": each.function,
                "sid": each.grant.sid,
                "action": each.action,
                "resource": str(each.resource),
                "because": because(each.grant.causes_of(each.resource)),
            }
            for each in found
        ],
    }


def _all(actions: Iterable[str]) -> str:
    return ", ".join(sorted(actions))


def _visible(granted: Sequence[Permissions]) -> int:
    """How many grants, counted by action and resource, show in the record when they are used."""
    return sum(
        is_visible(action, resource)
        for each in granted
        for grant in each.grants
        for action in grant.actions
        for resource in grant.resources
    )


def _actions(actions: Iterable[str]) -> str:
    """`dynamodb: GetItem, Query`."""
    by_service: dict[str, list[str]] = {}
    for action in actions:
        service, _, name = action.partition(":")
        by_service.setdefault(service, []).append(name)
    return "; ".join(f"{service}: {', '.join(called)}" for service, called in by_service.items())


def _table() -> Table:
    table = Table.grid(padding=(0, 2), pad_edge=True)
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold")
    return table


def _add_lines(table: Table, lines: Iterable[dict[str, Any]]) -> None:
    for line in lines:
        where = f"{line['file']}:{line['line']}  {line['source']}" if line["file"] else line["what"]
        table.add_row("", Text(where, style="dim", no_wrap=True, overflow="ellipsis"))
