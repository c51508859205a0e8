"""From an exception that a definition file raised to a mistake: what failed, exactly where, what to do."""

import ast
import builtins
import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic import PydanticUserError

from thestack.definition.vocabulary import close, remedy
from thestack.diagnostics.diagnostic import Part, alike
from thestack.diagnostics.locate import Raised
from thestack.diagnostics.site import Site
from thestack.diagnostics.source import Source, Span


def failure(error: BaseException, path: Path, statement: ast.stmt | None, names: Iterable[str]) -> Raised:
    """The mistake behind an exception that a statement of `path` raised; `names` were known when it ran."""
    site, span = _place(error, path, statement)
    if isinstance(error, PydanticUserError) and error.code == "model-field-missing-annotation":
        name = error.message.split("`")[1].partition(" ")[0]
        help = f"Give it one: `{name}: int = ...`; for a constant write `ClassVar[int]`."
        return Raised("S0001", f"the field `{name}` has no annotation", site, Part("field", name), help)
    message, help = _explain(error, names)
    return Raised("S0001", message, site, help=help, span=span)


def meant(error: ImportError) -> list[str]:
    """What a failed `from ... import` probably wanted."""
    wanted = str(error).split("'")[1] if str(error).startswith("cannot import name '") else ""
    module = sys.modules.get(error.name or "")
    offered: Iterable[str] = getattr(module, "__all__", None) or dir(module)
    return alike(wanted, offered)


def _explain(error: BaseException, names: Iterable[str]) -> tuple[str, str]:
    """What went wrong, and what to do about it."""
    match error:
        case SyntaxError():
            return f"syntax error: {error.msg}", "Correct it: nothing of a file is read that is not Python."
        case NameError(name=str(name)):
            return f"`{name}` is not defined", remedy(name, [*names, *vars(builtins)])
        case ModuleNotFoundError(name=str(name)):
            help = close(name, [*sys.stdlib_module_names, "thestack"])
            return (
                f"there is no module `{name}`",
                help or "Name the package that has it in the service's requirements.txt.",
            )
        case ImportError(name=str(module)) if str(error).startswith("cannot import name '"):
            wanted = str(error).split("'")[1]
            return f"`{module}` has no `{wanted}` to import", close(wanted, meant(error))
        case AttributeError(name=str(name)) if error.obj is not None:
            public = [each for each in dir(error.obj) if not each.startswith("_")]
            return f"`{type(error.obj).__name__}` has no attribute `{name}`", close(name, public)
        case _:
            return _sentence(error), "Change it: the file is run to be loaded, so nothing in it may fail."


def _sentence(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else f"{type(error).__name__} was raised"


def _place(error: BaseException, path: Path, statement: ast.stmt | None) -> tuple[Site, Span | None]:
    """Where in the user's code: where the parser stopped, or the innermost frame in the service's folder."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        line, column = error.lineno, max(error.offset or 1, 1)
        end = (error.end_lineno or line, error.end_offset or 0)
        return Site(error.filename, line), Span(line, column, *max(end, (line, column + 1)))
    traceback, place = error.__traceback__, None
    while traceback:
        is_theirs = Path(traceback.tb_frame.f_code.co_filename).is_relative_to(path.parent)
        place = traceback if is_theirs else place
        traceback = traceback.tb_next
    if place is None:
        return Site(str(path), statement.lineno if statement else 1), None
    code = place.tb_frame.f_code
    site = Site(code.co_filename, place.tb_lineno or 1, getattr(statement, "name", ""))
    line_, end_line, start, stop = list(code.co_positions())[place.tb_lasti // 2]
    if line_ is None or end_line is None or start is None or stop is None or end_line > line_:
        return site, None
    source = Source(site.file)
    return site, Span(line_, source.column(line_, start), end_line, source.column(end_line, stop))
