"""`thestack secret`: the values that services keep outside their code."""

import sys
from typing import Annotated

import typer
from rich.table import Table

from thestack.cli.deploy import TakeOverOption
from thestack.cli.destination import find_destination
from thestack.cli.judged import stopped
from thestack.cli.output import NO, Format, FormatOption, UsageMistake, out, print_json, reporting
from thestack.cli.project import check_service, find_root
from thestack.cli.target import (
    EndpointOption,
    EnvironmentOption,
    Place,
    RunOption,
    TargetOption,
    find_target,
)
from thestack.definition import names
from thestack.definition.load import models
from thestack.definition.model import SecretModel, ServiceModel
from thestack.diagnostics.diagnostic import nearest
from thestack.operations import secrets

secret = typer.Typer(help="Secrets: those that services ask for, and the one between CloudFront and the API.")


@secret.command("set")
@reporting
def set_(
    service: Annotated[str, typer.Argument(help="The service that asks for it.")],
    name: Annotated[str, typer.Argument(help="Its name, as `parameter` or `secret` says it.")],
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Set a secret to what is typed unseen, or comes on standard input: an argument could be seen by others.

    A line end at the end is no part of it. Functions that run have it within five minutes.
    """
    root = find_root()
    check_service(root, service)
    (model,) = models(root, [service])
    asked = _asked(model, name)
    there = find_target(root, target, env, endpoint, run)
    value = _value(name)
    places = [secrets.keep(there.aws, there.environment, service, each, value) for each in asked]
    if format is Format.JSON:
        print_json({"service": service, "name": name, "set": places})
    else:
        out.print(f"{service} {name} is set: {', '.join(places)}", markup=False)


@secret.command("list")
@reporting
def list_(
    service: Annotated[str | None, typer.Argument(help="One service; without it, all.")] = None,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """List what secrets services ask for, and when each was set; no values. Exit code 1 if one is missing."""
    root = find_root()
    if service:
        check_service(root, service)
    asking = models(root, [service] if service else [])
    there = find_target(root, target, env, endpoint, run)
    found = [each for model in asking for each in secrets.kept(there.aws, there.environment, model)]
    if format is Format.JSON:
        print_json(
            {
                "environment": there.environment,
                "secrets": [
                    {
                        "service": each.service,
                        "name": each.name,
                        "kept_in": "secretsmanager" if each.manager else "ssm",
                        "place": each.place,
                        "changed": each.changed.isoformat() if each.changed else None,
                    }
                    for each in found
                ],
            }
        )
    elif found:
        _show(found)
    else:
        out.print("no service asks for a secret" if service is None else f"{service} asks for no secret")
    if any(each.changed is None for each in found):
        raise typer.Exit(NO)


@secret.command("rotate")
@reporting
def rotate_(
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    take_over: TakeOverOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Rotate the secret by which the API knows CloudFront. No request fails by it; nobody sees it.

    While CloudFront learns the new one, which takes minutes, both are accepted. One that was interrupted is
    finished by the next. Deploying `edge` makes the first.
    """
    to = find_destination(find_root(), target, env, endpoint, run)
    from thestack.deployment.lock import deploying
    from thestack.deployment.rotating import rotate

    with stopped(format), deploying(to.aws, to.settings.name, "secret rotate", take_over):
        rotate(to)
    if format is Format.JSON:
        print_json({"environment": to.settings.name, "rotated": names.origin_secret(to.settings.name)})
    else:
        out.print(f"CloudFront is known to {to.settings.name} by a new secret", markup=False)


def _asked(model: ServiceModel, name: str) -> list[SecretModel]:
    """The secrets of this name, one or both kinds. Raises `UsageMistake`."""
    asked = secrets.asked_for(model)
    found = [each for each in asked if each.name == name]
    if not found:
        help = nearest(name, [each.name for each in asked]) or f"{model.name} asks for no secrets."
        raise UsageMistake(f"nothing of {model.name} asks for the secret {name!r}. {help}")
    return found


def _value(name: str) -> str:
    """What is typed, unseen and twice, or what standard input holds. Raises `UsageMistake` for nothing."""
    if sys.stdin.isatty():
        value = str(typer.prompt(f"The value of {name}", hide_input=True, confirmation_prompt=True, err=True))
    else:
        value = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not value:
        raise UsageMistake(f"standard input is empty: give the value of {name} there, as in `... < file`")
    return value


def _show(found: list[secrets.Kept]) -> None:
    table = Table.grid(padding=(0, 2), pad_edge=True)
    for each in found:
        when = f"set {each.changed.astimezone():%Y-%m-%d %H:%M}" if each.changed else "missing"
        where = "Secrets Manager" if each.manager else "SSM"
        table.add_row(each.service, each.name, when, f"{where} {each.place}")
    out.print(table)
    for each in found:
        if each.changed is None:
            out.print(f"set it by: thestack secret set {each.service} {each.name}", markup=False)
