"""How commands speak: reports on standard output, errors on standard error, and one exit code each."""

import errno
import functools
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, NoReturn, ParamSpec

import typer
from rich.console import Console

from thestack.contract.composition import ComposerUnavailable, CompositionError
from thestack.contract.files import ContractUnreadable
from thestack.diagnostics.diagnostic import DefinitionError
from thestack.diagnostics.render import to_text
from thestack.infra.errors import SynthesisError
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Interrupted
from thestack.toolchain.installation import ToolchainError

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
NO, USAGE, WORLD = 1, 2, 3
"""Exit codes: the answer is no; the command was used wrongly; the world failed."""


class Format(StrEnum):
    """How a command reports."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="How to report.")]
JsonOption = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
_P = ParamSpec("_P")


class UsageMistake(Exception):
    """The command cannot mean that; the message says why and what would do."""


def reporting(command: Callable[_P, None]) -> Callable[_P, None]:
    """The command, with every expected error told in words and as an exit code."""

    @functools.wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except DefinitionError as error:
            err.print(to_text(error.diagnostics))
            raise typer.Exit(NO) from None
        except CompositionError as error:
            _stop(error, NO)
        except UsageMistake as error:
            _stop(error, USAGE)
        except ContractUnreadable as error:
            _stop(ContractUnreadable(f"{error}; make it anew with `thestack contract update`"), WORLD)
        except (ComposerUnavailable, OperationError, SynthesisError, ToolchainError) as error:
            _stop(error, WORLD)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            where = f" at {error.filename}" if error.filename else ""
            _stop(OSError(f"{error.strerror}{where}; make room, then run the command again"), WORLD)
        except Interrupted as error:
            _stop(error, error.exit_code)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return run


def print_json(value: Any) -> None:
    """Report a value for programs."""
    print(json.dumps(value, indent=2))


def _stop(error: Exception, code: int) -> NoReturn:
    err.print("[bold red]error[/]: ", end="")
    err.print(" ".join(str(error).split()), markup=False)
    raise typer.Exit(code) from None
