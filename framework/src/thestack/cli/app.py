"""The commands, put together: each is loaded when it is asked for, because most of what loads would be
others'.
"""

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS = (
    "dev",
    "new",
    "check",
    "contract",
    "plan",
    "synth",
    "deploy",
    "rollback",
    "publish",
    "restore",
    "releases",
    "destroy",
    "preview",
    "logs",
    "trace",
    "invoke",
    "iam",
    "explain",
    "cost",
    "operations",
    "router",
    "dlq",
    "fault",
    "secret",
    "user",
)
"""Each is a function or a group of this name, in the module of this name."""


class Commands(TyperGroup):
    """The commands by name."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            self.commands = dict.fromkeys(COMMANDS, self)  # what its error looks for the nearest in
            return None
        found = getattr(import_module(f"thestack.cli.{cmd_name}"), cmd_name)
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        if isinstance(found, typer.Typer):
            alone.add_typer(found, name=cmd_name)
            return typer.main.get_group(alone).commands[cmd_name]
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)


app = typer.Typer(
    cls=Commands,
    help="Event-driven GraphQL services on AWS, each defined by one Python file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
