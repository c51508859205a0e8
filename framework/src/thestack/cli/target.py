"""Which AWS a command talks to: the local stack that runs, or the one that `--endpoint` names."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from thestack.cli.output import UsageMistake
from thestack.local.aws import Aws
from thestack.local.description import LocalStack, running
from thestack.local.errors import LocalStackError

EndpointOption = Annotated[
    str | None, typer.Option(help="The URL of another emulator; without it, the local stack that runs.")
]
EnvironmentOption = Annotated[
    str, typer.Option("--env", help="The environment, as deploy/environments names it.")
]
RunOption = Annotated[str | None, typer.Option("--run", help="Which local stack, where several run.")]


@dataclass(frozen=True, slots=True)
class Target:
    """An AWS, and the environment that is deployed there."""

    aws: Aws
    environment: str


def find_target(root: Path, endpoint: str | None, environment: str, run: str | None) -> Target:
    """The AWS to talk to. Raises `LocalStackError` or `UsageMistake`."""
    if endpoint:
        return Target(Aws(_checked(endpoint)), environment)
    stack = find_stack(root, run)
    return Target(stack.aws, stack.environment)


def find_stack(root: Path, run: str | None) -> LocalStack:
    """The local stack that runs. Raises `LocalStackError` if none does, `UsageMistake` if several do."""
    stacks = running(root)
    if run is not None:
        stacks = [stack for stack in stacks if stack.run == run]
    if not stacks:
        which = f"no local stack {run}" if run else "no local stack"
        raise LocalStackError(f"{which} runs in {root}; start one with `thestack dev`")
    if len(stacks) > 1:
        runs = ", ".join(stack.run for stack in stacks)
        raise UsageMistake(f"{len(stacks)} local stacks run in {root}: {runs}; choose one with --run")
    return stacks[0]


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
