"""`thestack restore`: a service's table as it was, served under the next epoch; or a drill of it."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from thestack.cli.deploy import TakeOverOption
from thestack.cli.destination import find_destination
from thestack.cli.judged import stopped
from thestack.cli.output import NO, Format, FormatOption, UsageMistake, err, out, print_json, reporting
from thestack.cli.project import check_service, find_root
from thestack.cli.target import EndpointOption, EnvironmentOption, Place, RunOption, TargetOption
from thestack.operations.restoring import Backup, PointInTime, Source

if TYPE_CHECKING:
    from thestack.deployment.restoring import Drilled

LATEST = "latest"


@reporting
def restore(
    service: Annotated[str, typer.Argument(help="Whose table.")],
    moment: Annotated[
        str | None, typer.Option("--to", help="When: 2026-11-26T09:30:00Z, or `latest`; by recovery.")
    ] = None,
    backup: Annotated[str | None, typer.Option(help="The ARN of a backup of the table.")] = None,
    drill: Annotated[
        bool, typer.Option("--drill", help="Restore into a table beside, count its rows and delete it.")
    ] = False,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    take_over: TakeOverOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Restore a service's table, and serve it under the next epoch, which the settings must say first.

    A new table is made of the backup, with its stream, expiry and protection; the stack takes it in, the
    functions are deployed for it, and the router calls them. The table before stays as it is. Without --to or
    --backup a restore goes on whose table is there. See docs/restoring.md.
    """
    root = find_root()
    check_service(root, service)
    to = find_destination(root, target, env, endpoint, run)
    from thestack.contract.operations import client_operations
    from thestack.deployment import restoring
    from thestack.deployment.lock import deploying

    source = _source(moment, backup)
    with stopped(format):
        if drill:
            found = restoring.drill(to, service, source or PointInTime())
            _tell_drill(service, found, format)
            return
        with deploying(to.aws, to.settings.name, f"restore {service}", take_over):
            try:
                done = restoring.restore(to, service, source, client_operations(root))
            except restoring.WrongEpoch as wrong:
                raise UsageMistake(str(wrong)) from None
    if format is Format.JSON:
        print_json({"service": service, "table": done.table, "epoch": done.epoch})
    else:
        out.print(
            f"{service} is served from {done.table}; its events are of epoch {done.epoch}", markup=False
        )


def _tell_drill(service: str, found: "Drilled", format: Format) -> None:
    if format is Format.JSON:
        print_json({"service": service, **asdict(found)})
    else:
        out.print(
            f"{service}: {found.rows} rows were restored in {found.seconds:.1f} s; the table in use holds "
            f"{found.rows_in_use}; what was restored is deleted again",
            markup=False,
        )
    if found.rows_in_use and not found.rows:
        err.print(f"the backup of {service} holds nothing", markup=False)
        raise typer.Exit(NO)


def _source(moment: str | None, backup: str | None) -> Source | None:
    if moment and backup:
        raise UsageMistake("--to says a moment and --backup a backup; say one of them")
    if backup:
        return Backup(backup)
    if moment is None:
        return None
    if moment == LATEST:
        return PointInTime()
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        raise UsageMistake(f"--to {moment!r} is no time; one is 2026-11-26T09:30:00Z, or {LATEST}") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if at > datetime.now(UTC):
        raise UsageMistake(f"--to {moment} is yet to come")
    return PointInTime(at)
