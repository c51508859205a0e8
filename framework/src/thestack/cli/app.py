"""The commands, put together."""

from importlib.metadata import version
from typing import Annotated

import typer

from thestack.cli.check import check
from thestack.cli.dev import dev
from thestack.cli.dlq import dlq
from thestack.cli.explain import explain
from thestack.cli.fault import fault
from thestack.cli.iam import iam
from thestack.cli.invoke import invoke
from thestack.cli.logs import logs
from thestack.cli.new import new
from thestack.cli.synth import synth
from thestack.cli.trace import trace
from thestack.cli.user import user

app = typer.Typer(
    help="Event-driven GraphQL services on AWS, each defined by one Python file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (dev, new, check, synth, logs, trace, invoke, iam, explain):
    app.command()(command)
for name, group in (("dlq", dlq), ("fault", fault), ("user", user)):
    app.add_typer(group, name=name)


def _show_version(asked: bool) -> None:
    if asked:
        print(f"thestack {version('thestack')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Event-driven GraphQL services on AWS, each defined by one Python file."""
