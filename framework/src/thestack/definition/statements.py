"""Run a module statement by statement, so that every one that fails is known, not only the first one."""

import __future__

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

from thestack.definition.failures import failure, meant
from thestack.definition.forward import early_names, forward_reference, postpones
from thestack.diagnostics.locate import Raised

# Annotations stay text: one that does not resolve is a mistake of its own, not the end of the file.
FLAGS = __future__.annotations.compiler_flag


class Statements:
    """The statements of a file, and what failed in them.

    `missing` are the names that they would have bound; None if that is any name. `is_sound` says that what
    ran does not depend on what failed. `beside` are other modules that failed in part.
    """

    def __init__(self, path: Path, beside: "Mapping[str, Statements]") -> None:
        self.path, self.beside = path, beside
        self.mistakes: list[Raised] = []
        self.missing: set[str] | None = set()
        self.is_sound = True

    def refused(self, error: BaseException) -> None:
        """Nothing could run."""
        self.mistakes.append(failure(error, self.path, None, ()))
        self.missing = None

    def run(self, tree: ast.Module, module: ModuleType) -> None:
        """Run a module of which nothing has run yet."""
        module.__doc__ = ast.get_docstring(tree, clean=False)
        missing = self.missing = set[str]()
        early: list[ast.Name] = []
        is_postponed = postpones(tree)
        ran: list[ast.stmt] = []
        # Run by itself, a string would become the module's docstring.
        for each in (each for each in tree.body if not _is_text(each)):
            if not is_postponed:
                early += early_names(each, vars(module).keys() | missing)
            if self._statement(each, module, missing):
                ran.append(each)
        self.mistakes += [
            forward_reference(each, str(self.path)) for each in early if each.id in vars(module)
        ]
        missing -= vars(module).keys()
        self.is_sound = not missing or not any(missing & _read(each) for each in ran)

    def _statement(self, statement: ast.stmt, module: ModuleType, missing: set[str]) -> bool:
        """Run a statement; whether it succeeded. What fails because of an earlier failure is not reported."""
        try:
            code = compile(ast.Module([statement], []), str(self.path), "exec", FLAGS, dont_inherit=True)
            exec(code, vars(module))  # noqa: S102 - the user's own file, as an import would run it
        except (Exception, SystemExit) as error:
            if isinstance(error, ImportError) and not isinstance(error, ModuleNotFoundError):
                if isinstance(statement, ast.ImportFrom) and len(statement.names) > 1:
                    outcomes = [self._statement(each, module, missing) for each in _apart(statement)]
                    return all(outcomes)
                missing.update(meant(error))
            if not self._follows(error, statement, missing):
                self.mistakes.append(failure(error, self.path, statement, vars(module)))
            missing |= _bound(statement)
            return False
        return True

    def _follows(self, error: BaseException, statement: ast.stmt, missing: set[str]) -> bool:
        """Whether an error is there only because something failed before, here or in a module beside."""
        if isinstance(error, NameError):
            return error.name in missing
        failed = self.beside.get(error.name or "") if isinstance(error, ImportError) else None
        if failed is None or not isinstance(statement, ast.ImportFrom):
            return False
        return failed.missing is None or statement.names[0].name in failed.missing


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _apart(statement: ast.ImportFrom) -> Iterator[ast.ImportFrom]:
    """The same import, one name at a time."""
    for name in statement.names:
        yield ast.copy_location(ast.ImportFrom(statement.module, [name], statement.level), name)


def _read(statement: ast.stmt) -> set[str]:
    """The names that a statement reads anywhere in it."""
    nodes = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Load)}


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a statement would have bound."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {statement.name}
    nodes = list(ast.walk(statement))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {
        node.asname or node.name.partition(".")[0] for node in nodes if isinstance(node, ast.alias)
    }
