"""`thestack fault`: real faults, by IAM, where they do no harm."""

import re
from typing import Annotated

import typer

from thestack.cli.output import Format, FormatOption, UsageMistake, out, print_json, reporting
from thestack.cli.project import check_service, find_function, find_root
from thestack.cli.target import (
    EndpointOption,
    EnvironmentOption,
    Place,
    RunOption,
    TargetOption,
    find_target,
    settings_of,
)
from thestack.operations import faults

fault = typer.Typer(help="Real faults: an IAM denial on one function's role.", no_args_is_help=True)
Handler = Annotated[str, typer.Argument(help="SERVICE.HANDLER: a consumer, or `graphql`, or `relay`.")]
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z*]+")


@fault.command()
@reporting
def deny(
    handler: Handler,
    action: Annotated[str, typer.Argument(help="The action to deny, as in ses:SendEmail.")],
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Deny a function an action, until the fault is cleared. Refused where data is kept, as in production."""
    if not _ACTION.fullmatch(action):
        raise UsageMistake(f"{action!r} is no IAM action; one is ses:SendEmail")
    denied = _injector(handler, target, env, endpoint, run).deny(action)
    if format is Format.JSON:
        print_json({"handler": handler, "denied": denied})
    else:
        out.print(f"{handler} is denied {', '.join(denied)}", markup=False)


@fault.command()
@reporting
def clear(
    handler: Handler,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Take back what `deny` did to a function."""
    was = _injector(handler, target, env, endpoint, run).clear()
    if format is Format.JSON:
        print_json({"handler": handler, "cleared": was})
    else:
        out.print(f"{handler}: {'the fault is cleared' if was else 'there was no fault'}", markup=False)


def _injector(
    handler: str, place: Place, env: str | None, endpoint: str | None, run: str | None
) -> faults.Faults:
    root = find_root()
    check_service(root, handler.partition(".")[0])
    target = find_target(root, place, env, endpoint, run)
    environment = settings_of(root, target.environment)
    if environment.retain_data:
        raise UsageMistake(f"{environment.name} keeps data that matters: no fault is injected there")
    return faults.Faults(target.aws, find_function(root, handler, environment.name))
