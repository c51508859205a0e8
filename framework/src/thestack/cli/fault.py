"""`thestack fault`: real faults, by IAM, where they do no harm."""

import re
from typing import Annotated

import typer

from thestack.cli.output import Format, FormatOption, UsageMistake, out, print_json, reporting
from thestack.cli.project import check_service, find_root
from thestack.cli.target import EndpointOption, EnvironmentOption, RunOption, find_target
from thestack.definition import names
from thestack.definition.load import models
from thestack.diagnostics.diagnostic import nearest
from thestack.local import faults

fault = typer.Typer(help="Real faults: an IAM denial on one function's role.", no_args_is_help=True)
Handler = Annotated[str, typer.Argument(help="SERVICE.HANDLER: a consumer, or `graphql`, or `relay`.")]
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z*]+")


@fault.command()
@reporting
def deny(
    handler: Handler,
    action: Annotated[str, typer.Argument(help="The action to deny, as in ses:SendEmail.")],
    endpoint: EndpointOption = None,
    env: EnvironmentOption = "local",
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Deny a function an action, until the fault is cleared. Refused where data is kept, as in production."""
    if not _ACTION.fullmatch(action):
        raise UsageMistake(f"{action!r} is no IAM action; one is ses:SendEmail")
    denied = _injector(handler, endpoint, env, run).deny(action)
    if format is Format.JSON:
        print_json({"handler": handler, "denied": denied})
    else:
        out.print(f"{handler} is denied {', '.join(denied)}", markup=False)


@fault.command()
@reporting
def clear(
    handler: Handler,
    endpoint: EndpointOption = None,
    env: EnvironmentOption = "local",
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Take back what `deny` did to a function."""
    was = _injector(handler, endpoint, env, run).clear()
    if format is Format.JSON:
        print_json({"handler": handler, "cleared": was})
    else:
        out.print(f"{handler}: {'the fault is cleared' if was else 'there was no fault'}", markup=False)


def _injector(handler: str, endpoint: str | None, env: str, run: str | None) -> faults.Faults:
    from thestack.infra.environment import load_environment
    from thestack.infra.errors import SynthesisError

    root = find_root()
    service, _, name = handler.partition(".")
    check_service(root, service)
    target = find_target(root, endpoint, env, run)
    try:
        environment = load_environment(root, target.environment)
    except SynthesisError as error:
        raise UsageMistake(str(error)) from None
    if environment.retain_data:
        raise UsageMistake(f"{environment.name} keeps data that matters: no fault is injected there")
    (model,) = models(root, [service])
    functions = {
        consumer.name: names.consumer_function(environment.name, service, consumer)
        for consumer in model.consumers
    }
    if model.answers:
        functions["graphql"] = names.graphql_function(environment.name, service)
    if model.speaks:
        functions["relay"] = names.relay_function(environment.name, service)
    if name not in functions:
        help = nearest(handler, [f"{service}.{each}" for each in functions])
        raise UsageMistake(f"there is no function {handler!r}. {help}")
    return faults.Faults(target.aws, functions[name])
