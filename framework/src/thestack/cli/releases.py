"""`thestack releases`: what runs in an environment."""

from datetime import datetime
from typing import Any

from rich.table import Table

from thestack.cli.destination import find_destination
from thestack.cli.output import Format, FormatOption, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.target import EndpointOption, EnvironmentOption, Place, RunOption, TargetOption
from thestack.definition import names
from thestack.deployment.record import Pointer, Record
from thestack.deployment.release import Release, Served

_SHOWN = 8


@reporting
def releases(
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """List what runs in an environment, who deployed it and when, and what it would go back to."""
    to = find_destination(find_root(), target, env, endpoint, run)
    from thestack.operations.aws import telling

    with telling(f"cannot read what runs in {to.settings.name}"):
        found = _found(to.record)
    if format is Format.JSON:
        print_json({"environment": to.settings.name, "releases": found})
    elif found:
        table = Table.grid(padding=(0, 2), pad_edge=True)
        for each in found:
            before = f"before: {each['previous'][:_SHOWN]}" if each["previous"] else "nothing before"
            when = f"{datetime.fromisoformat(each['when']).astimezone():%Y-%m-%d %H:%M}"
            table.add_row(
                each["service"], each["release"][:_SHOWN], when, each["who"], before, each["served"]
            )
        out.print(table)
    else:
        out.print(f"nothing is deployed to {to.settings.name}; begin with `thestack deploy --all`")


def _found(record: Record) -> list[dict[str, Any]]:
    pointers = record.pointers()
    router = pointers.get(names.ROUTER)
    served = record.served(router.current) if router else None
    found: list[dict[str, Any]] = []
    for name, pointer in sorted(pointers.items()):
        if name == names.ROUTER:
            continue
        release = record.release(pointer.current)
        pinned = served.releases.get(name) if served else None
        is_served = "served" if pinned == pointer.current else "not served yet"
        says = is_served if release.contract.sdl else ""
        found.append(_entry(name, pointer, release, says))
    if router and served:
        found.append(_entry(names.ROUTER, router, served, f"version {served.version}"))
    return found


def _entry(name: str, pointer: Pointer, kept: Release | Served, says: str) -> dict[str, Any]:
    return {
        "service": name,
        "release": pointer.current,
        "previous": pointer.previous,
        "when": kept.when,
        "who": kept.who,
        "served": says,
    }
