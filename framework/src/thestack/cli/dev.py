"""`thestack dev`: the whole stack on this machine, from its source."""

import threading
import time
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from thestack.cli.lines import text_of
from thestack.cli.output import Format, FormatOption, JsonOption, UsageMistake, err, out, reporting
from thestack.cli.project import find_root
from thestack.development.pages import Pages, serve_pages
from thestack.development.stack import PORT, Development, develop
from thestack.local.description import LocalStack
from thestack.local.emulator import Emulator
from thestack.local.stack import ENVIRONMENT
from thestack.operations.interruption import Interrupted, Interruption
from thestack.operations.records import parse

_STEP = 0.02
_SAYING = threading.Lock()
_DEBUG_PORT = 5678
"""Where editors look for debugpy unless told otherwise."""


@reporting
def dev(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port of the local AWS, if it is free.")
    ] = PORT,
    debug: Annotated[
        list[str] | None,
        typer.Option(help="Let a debugger attach to SERVICE.HANDLER, as in todo.graphql. May be repeated."),
    ] = None,
    format: FormatOption = Format.TEXT,
    json: JsonOption = False,
) -> None:
    """Run the whole stack on this machine until Ctrl-C; nothing of it is left then.

    The functions run from the source: what is saved answers the next request. A mistake is shown, and the
    last good version goes on serving. Each request, event and message is one line; with `--format json`, the
    first line is the stack and each further one a record.
    """
    root, began = find_root(), time.monotonic()
    format = Format.JSON if json else format

    def report(text: str) -> None:
        err.print(f"[dim]{time.monotonic() - began:6.1f} s[/]  ", end="")
        err.print(text, markup=False)

    early: list[tuple[str, str]] | None = []

    def show(function: str, line: str) -> None:
        if early is not None:  # the stack comes first
            early.append((function, line))
            return
        record = parse(line, function, datetime.now(UTC))
        if record is None and line.startswith("{"):  # metrics, and the like: for CloudWatch alone
            return
        if format is Format.JSON:
            _say(record.as_json() if record else {"function": function, "said": line})
        elif record:
            out.print(text_of(record))
        else:
            out.print(f"{function}: {line}", markup=False)

    ports = _debug_ports(root, debug or [])
    with Interruption() as interruption:
        with (
            develop(
                root, report=report, show=show, port=port, debug=ports, pause=interruption.pause
            ) as development,
            serve_pages(root, lambda: development.stack) as pages,
        ):
            report("the supergraph answers")
            _present(development, pages, format)
            told, early = early or [], None
            for each in told:
                show(*each)
            for name, number in ports.items():
                report(f"a debugger can attach to {name} at 127.0.0.1:{number}")
            _serve(development, pages, interruption, format)
            report("stopping")
        report("stopped; nothing is left")


def _serve(development: Development, pages: Pages, interruption: Interruption, format: Format) -> None:
    """Return at Ctrl-C, which is how this is meant to end."""
    try:
        while True:
            if development.turn():
                _present(development, pages, format)
            interruption.pause(_STEP)
    except Interrupted:
        return


def _present(development: Development, pages: Pages, format: Format) -> None:
    if format is Format.JSON:
        _say({**development.stack.as_json(), "pages": dict(pages)})
    else:
        _show(development.stack, pages, development.emulator)


def _say(value: Any) -> None:
    """A line of JSON, whole, from whichever thread."""
    with _SAYING:
        print(dumps(value), flush=True)


def _show(stack: LocalStack, pages: Pages, emulator: Emulator) -> None:
    for name, value in (
        *((f"The {frontend} pages", url) for frontend, url in pages.items()),
        ("GraphQL, with a token", stack.graphql),
        ("GraphQL, for everybody", stack.public_graphql),
        *([("Subscriptions", stack.subscriptions)] if stack.subscriptions else []),
        ("AWS", stack.endpoint),
        ("its log", str(emulator.log)),
        ("a user to sign in as", "thestack user create you@example.com"),
        ("an access token", "thestack user token you@example.com"),
    ):
        # Whole, however narrow the terminal: these are for copying.
        out.print(f"[bold]{name:24}[/]{value}", soft_wrap=True, highlight=False)
    out.print("Save a file and it is served. Ctrl-C stops it.")


def _debug_ports(root: Path, wanted: list[str]) -> dict[str, int]:
    """The functions that are to be debugged, each with its debugger's port. Raises `UsageMistake`."""
    if not wanted:
        return {}
    from importlib.util import find_spec

    from thestack.cli.project import find_function

    if find_spec("debugpy") is None:
        raise UsageMistake(
            "--debug needs the package debugpy; install it with: pip install 'thestack[debug]'"
        )
    functions = [find_function(root, each, ENVIRONMENT) for each in wanted]
    return {name: _DEBUG_PORT + number for number, name in enumerate(dict.fromkeys(functions))}
