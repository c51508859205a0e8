"""`thestack preview`: the changed services of a checkout beside an environment that runs, for a while."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from thestack.cli.deploy import TakeOverOption
from thestack.cli.destination import find_destination
from thestack.cli.findings import as_json
from thestack.cli.judged import show, stopped
from thestack.cli.output import WORLD, Format, FormatOption, UsageMistake, err, out, print_json, reporting
from thestack.cli.project import check_service, find_root
from thestack.cli.since import length
from thestack.cli.target import EndpointOption, Place, RunOption, TargetOption
from thestack.deployment.destination import Destination
from thestack.deployment.previews.registry import Preview, Registry
from thestack.operations.aws import telling

preview = typer.Typer(
    help="The changed services beside an environment that runs, for a while.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="What it is called, and all that is its own: pr-123.")]
BaseOption = Annotated[str, typer.Option(help="The environment that it is beside, and that has the rest.")]
PREVIEW = "preview"


@preview.command()
@reporting
def up(
    name: Name,
    services: Annotated[
        str | None,
        typer.Option(help="Its services, with commas between. By itself: those that differ from the base's."),
    ] = None,
    base: BaseOption = PREVIEW,
    ttl: Annotated[str, typer.Option(metavar="TIME", help="How long it stays, from now on: 8h, 3d.")] = "72h",
    anyway: Annotated[bool, typer.Option("--anyway", help="Even if it would break the base.")] = False,
    target: TargetOption = Place.LOCAL,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    take_over: TakeOverOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Bring a preview up, or up to what the checkout has now: it stays for TIME from then on.

    It has a bus, tables, queues, users and a tenant of its own, and calls the base for the services that are
    not in it. What is in it stays in it. Refused, with exit code 1, if it would break what runs in the base.
    """
    root = find_root()
    to = _base(root, base, target, endpoint, run)
    now = datetime.now(UTC)
    until = now + length(ttl, "time for a preview to stay")
    from thestack.contract.operations import client_operations
    from thestack.deployment.previews.guest import email_of, sign_in, url_of
    from thestack.deployment.previews.raising import WrongName, changed, raise_preview

    with stopped(format):
        own = _listed(root, services) if services else changed(to)
        if not own and not Registry(to.aws, base).find(name):
            err.print(
                f"nothing here differs from what {base} runs, and {name} is not made; name what it should "
                "have with --services",
                markup=False,
            )
            return
        try:
            raised = raise_preview(
                to,
                name,
                own,
                now=now,
                until=until,
                operations=client_operations(root),
                anyway=anyway,
                take_over=take_over,
            )
        except WrongName as mistake:
            raise UsageMistake(str(mistake)) from None
        sign_in(to.aws, name)
        url = url_of(to.aws, name)
    if format is Format.JSON:
        found = [as_json(each) for each in raised.outcome.findings]
        user = email_of(name)
        print_json({**_as_json(raised.preview), "graphql": f"{url}/graphql", "user": user, "findings": found})
        return
    show(raised.outcome.findings)
    listed = ", ".join(raised.preview.services)
    out.print(f"{name} is up with its own {listed}, beside {base}, until {_local(until)}", markup=False)
    out.print(f"GraphQL is at {url}/graphql", markup=False)
    where = "" if base == PREVIEW else f" --base {base}"
    out.print(f"An access token of {email_of(name)}: thestack preview token {name}{where}", markup=False)
    settings = raised.to.settings.preview
    if settings and settings.held:
        out.print(f"What it sends to {', '.join(settings.held)} is held in queues of its own", markup=False)


@preview.command()
@reporting
def down(
    name: Name,
    base: BaseOption = PREVIEW,
    target: TargetOption = Place.LOCAL,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    take_over: TakeOverOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Take a preview down with all that it holds, and what its users left in the base. Nothing is left."""
    to = _base(find_root(), base, target, endpoint, run)
    from thestack.deployment.previews.removing import take_down

    with stopped(format):
        known = Registry(to.aws, base).find(name)
        if known:
            take_down(to, known, take_over)
    if format is Format.JSON:
        print_json({"name": name, "base": base, "removed": known is not None})
    elif known:
        out.print(f"{name} is gone", markup=False)
    else:
        out.print(
            f"there is no preview {name} beside {base}; `thestack preview list` has those", markup=False
        )


@preview.command("list")
@reporting
def list_(
    base: BaseOption = PREVIEW,
    target: TargetOption = Place.LOCAL,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """List the previews beside an environment: what each has of its own, who made it, until when it stays."""
    to = _base(find_root(), base, target, endpoint, run)
    with telling(f"cannot read which previews are beside {base}"):
        found = Registry(to.aws, base).previews()
    if format is Format.JSON:
        print_json({"base": base, "previews": [_as_json(each) for each in found]})
        return
    if not found:
        out.print(f"no preview is beside {base}; `thestack preview up NAME` makes one", markup=False)
        return
    now, table = datetime.now(UTC), Table.grid(padding=(0, 2), pad_edge=True)
    for each in found:
        ends = f"until {_local(each.until)}" if each.until > now else f"over since {_local(each.until)}"
        table.add_row(each.name, ", ".join(each.services), each.who, f"since {_local(each.since)}", ends)
    out.print(table)


@preview.command()
@reporting
def expire(
    base: BaseOption = PREVIEW,
    now: Annotated[
        str | None, typer.Option(metavar="TIME", help="What counts as now, in ISO 8601 with a zone.")
    ] = None,
    target: TargetOption = Place.LOCAL,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Take down the previews whose time is over, and no others: what a schedule runs.

    Exit code 3 if one of them could not be; the others are gone.
    """
    to = _base(find_root(), base, target, endpoint, run)
    moment = _moment(now) if now else datetime.now(UTC)
    from thestack.deployment.previews.removing import take_down_expired

    with stopped(format):
        gone, failed = take_down_expired(to, moment)
    if format is Format.JSON:
        print_json({"base": base, "removed": [each.name for each in gone], "failed": failed})
    else:
        names = ", ".join(each.name for each in gone) or "nothing"
        out.print(f"{names} was over, and is gone", markup=False)
    for each in failed:
        err.print(each, markup=False)
    if failed:
        raise typer.Exit(WORLD)


@preview.command()
@reporting
def token(
    name: Name,
    group: Annotated[str | None, typer.Option(help="A group to be in meanwhile: staff.")] = None,
    base: BaseOption = PREVIEW,
    target: TargetOption = Place.LOCAL,
    endpoint: EndpointOption = None,
    run: RunOption = None,
) -> None:
    """Sign the test user of a preview in and print the access token, which is good for an hour."""
    to = _base(find_root(), base, target, endpoint, run)
    from thestack.deployment.previews.guest import sign_in

    print(sign_in(to.aws, name, group).access_token)


def _base(root: Path, base: str, target: Place, endpoint: str | None, run: str | None) -> Destination:
    to = find_destination(root, target, base, endpoint, run)
    if to.settings.purpose == "production":
        raise UsageMistake(f"{base} is a production environment: a preview would call what users have there")
    return to


def _listed(root: Path, services: str) -> list[str]:
    found = [each.strip() for each in services.split(",") if each.strip()]
    for each in found:
        check_service(root, each)
    return found


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageMistake(f"{text!r} is no time with a zone; one is 2026-11-26T10:00:00+00:00")
    return found


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _as_json(found: Preview) -> dict[str, Any]:
    return {
        "name": found.name,
        "base": found.base,
        "services": list(found.services),
        "who": found.who,
        "since": found.since.isoformat(timespec="seconds"),
        "until": found.until.isoformat(timespec="seconds"),
    }
