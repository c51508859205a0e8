"""`thestack dev`: the whole stack on this machine."""

import json
import time
from typing import Annotated

import typer

from thestack.cli.output import Format, FormatOption, err, out, reporting
from thestack.cli.project import find_root
from thestack.local.description import LocalStack
from thestack.local.emulator import Emulator
from thestack.local.interruption import Interrupted, Interruption
from thestack.local.stack import start

_WATCH = 0.2


@reporting
def dev(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port of the local AWS; without it, a free one.")
    ] = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Run the whole stack on this machine until Ctrl-C; nothing of it is left then."""
    root, began = find_root(), time.monotonic()

    def report(text: str) -> None:
        err.print(f"[dim]{time.monotonic() - began:6.1f} s[/]  ", end="")
        err.print(text, markup=False)

    with Interruption() as interruption:
        with start(root, report=report, port=port, pause=interruption.pause) as (stack, emulator):
            report("the supergraph answers")
            if format is Format.JSON:
                print(json.dumps(stack.as_json()), flush=True)  # one line, for whoever waits for it
            else:
                _show(stack, emulator)
            _watch(emulator, interruption)
            report("stopping")
        report("stopped; nothing is left")


def _watch(emulator: Emulator, interruption: Interruption) -> None:
    """Return at Ctrl-C, which is how this is meant to end."""
    try:
        while True:
            emulator.check()
            interruption.pause(_WATCH)
    except Interrupted:
        return


def _show(stack: LocalStack, emulator: Emulator) -> None:
    for name, value in (
        ("GraphQL, with a token", stack.graphql),
        ("GraphQL, for everybody", stack.public_graphql),
        ("AWS", stack.endpoint),
        ("its log", str(emulator.log)),
        ("a user to sign in as", "thestack user create you@example.com"),
        ("an access token", "thestack user token you@example.com"),
    ):
        # Whole, however narrow the terminal: these are for copying.
        out.print(f"[bold]{name:24}[/]{value}", soft_wrap=True, highlight=False)
    out.print("Ctrl-C stops it.")
