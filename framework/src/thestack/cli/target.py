"""Which AWS a command talks to: the local stack that runs, another emulator, or the user's own AWS.

Every command that reaches one takes the same four options, and hands them to `find_target`.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from thestack.cli.output import UsageMistake
from thestack.infra.environment import Environment, load_environment
from thestack.infra.errors import SynthesisError
from thestack.local.description import LocalStack, running
from thestack.operations.aws import Aws, own_aws
from thestack.operations.errors import OperationError

LOCAL = "local"


class Place(StrEnum):
    """Where the environment is."""

    LOCAL = "local"
    AWS = "aws"


TargetOption = Annotated[
    Place,
    typer.Option(help="The local stack, or your own AWS by its usual settings (AWS_PROFILE and so on)."),
]
EnvironmentOption = Annotated[
    str | None,
    typer.Option(
        "--env", help="The environment, as deploy/environments names it; of the local stack: local."
    ),
]
EndpointOption = Annotated[
    str | None, typer.Option(help="The URL of another emulator; without it, the local stack that runs.")
]
RunOption = Annotated[str | None, typer.Option("--run", help="Which local stack, where several run.")]


@dataclass(frozen=True, slots=True)
class Target:
    """An AWS, and the environment that is deployed there."""

    aws: Aws
    environment: str


def find_target(
    root: Path, place: Place, environment: str | None, endpoint: str | None, run: str | None
) -> Target:
    """The AWS to talk to. Raises `OperationError` or `UsageMistake`."""
    if endpoint and run:
        raise UsageMistake("--endpoint names an emulator and --run a local stack; say one of them")
    if place is Place.AWS:
        return _on_aws(root, environment, endpoint, run)
    if endpoint:
        return Target(Aws(_checked(endpoint)), environment or LOCAL)
    stack = find_stack(root, run)
    if environment not in {None, stack.environment}:
        raise UsageMistake(
            f"the local stack is the environment {stack.environment}, not {environment}; "
            f"say --target aws for the one on AWS"
        )
    return Target(stack.aws, stack.environment)


def find_stack(root: Path, run: str | None) -> LocalStack:
    """The local stack that runs. Raises `OperationError` if none does, `UsageMistake` if several do."""
    stacks = running(root)
    if run is not None:
        stacks = [stack for stack in stacks if stack.run == run]
    if not stacks:
        which = f"no local stack {run}" if run else "no local stack"
        raise OperationError(f"{which} runs in {root}; start one with `thestack dev`")
    if len(stacks) > 1:
        runs = ", ".join(stack.run for stack in stacks)
        raise UsageMistake(f"{len(stacks)} local stacks run in {root}: {runs}; choose one with --run")
    return stacks[0]


def settings_of(root: Path, environment: str) -> Environment:
    """The settings of an environment. Raises `UsageMistake` naming those that exist."""
    try:
        return load_environment(root, environment)
    except SynthesisError as error:
        raise UsageMistake(str(error)) from None


def _on_aws(root: Path, environment: str | None, endpoint: str | None, run: str | None) -> Target:
    for option, value in (("--endpoint", endpoint), ("--run", run)):
        if value:
            raise UsageMistake(f"{option} is for what runs on this machine, not for --target aws")
    if environment is None:
        raise UsageMistake(
            "--target aws needs --env NAME: which environment of deploy/environments is meant?"
        )
    settings = settings_of(root, environment)
    if settings.emulated:
        raise UsageMistake(f"the environment {environment} is emulated on this machine, and not on AWS")
    return Target(own_aws(settings.region, settings.account), environment)


def _checked(endpoint: str) -> str:
    """The endpoint, if requests can be sent there. Raises `UsageMistake`."""
    try:
        parts = urlsplit(endpoint)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or too high
        is_url = False
    if not is_url:
        raise UsageMistake(f"{endpoint!r} is no endpoint; one is http://127.0.0.1:4566")
    return endpoint.rstrip("/")
