"""`thestack operations`: what clients are known to ask, and how that is recorded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from thestack.cli.output import Format, FormatOption, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.since import SinceOption, moment
from thestack.cli.target import EndpointOption, EnvironmentOption, Place, RunOption, TargetOption, find_target
from thestack.contract.operations import client_operations
from thestack.contract.recorded import Section, merged, path_of
from thestack.operations.recording import recorded_since

operations = typer.Typer(
    no_args_is_help=True, help="What clients are known to ask, which no change may break."
)


@operations.command("record")
@reporting
def record(
    since: SinceOption = "1d",
    folder: Annotated[
        Path | None,
        typer.Option(help="Where to write: another project's root; without it, this one's.", file_okay=False),
    ] = None,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Collect what the router was asked into frontends/recorded/operations, a file for each client.

    The router tells each operation once a process, without values. Commit the files: `thestack check` replays
    what is in them against every change.
    """
    root = find_root()
    where = find_target(root, target, env, endpoint, run)
    found = recorded_since(where.aws, where.environment, moment(since))
    written = [_write(folder or root, client, sections) for client, sections in found.items()]
    if format is Format.JSON:
        print_json(written)
        return
    for each in written:
        more = f", {each['left_out']} did not fit" if each["left_out"] else ""
        out.print(f"{each['file']}: {each['seen']} seen, {each['new']} new{more}", markup=False)
    if not written:
        out.print(f"the router of {where.environment} told no operation in the last {since}", markup=False)


def _write(root: Path, client: str, seen: Sequence[Section]) -> dict[str, Any]:
    """Add what was seen to the client's file, and say what became of it."""
    file = root / path_of(client)
    made = merged(file.read_text(encoding="utf-8") if file.exists() else "", seen)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(made.text, encoding="utf-8")
    counts = {"seen": len(seen), "new": made.new, "left_out": made.left_out}
    return {"client": client, "file": path_of(client), **counts}


@operations.command("list")
@reporting
def list_all(format: FormatOption = Format.TEXT) -> None:
    """List every known operation: its client, its name, its file."""
    found = client_operations(find_root())
    if format is Format.JSON:
        keys = ("client", "name", "file", "text")
        print_json([{key: getattr(each, key) for key in keys} for each in found])
        return
    for each in found:
        name = f"can't be read: {each.broken}" if each.broken else each.name
        out.print(f"{each.client:<16}  {name:<32}  {each.file}", markup=False)
