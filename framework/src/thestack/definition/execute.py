"""Run a definition file so that every statement that fails is known, not only the first one."""

import __future__

import ast
import importlib.util
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

from thestack.definition.bodies import tree_of
from thestack.definition.failures import failure, meant
from thestack.definition.forward import early_names, forward_reference, postpones
from thestack.diagnostics.locate import Raised
from thestack.diagnostics.site import Site

# Annotations stay text: one that does not resolve is a mistake of its own, not the end of the file.
FLAGS = __future__.annotations.compiler_flag


class Execution:
    """One run of a definition file.

    `module` is None where nothing could run. `is_sound` says that what ran does not depend on what failed, so
    that a look at the module finds true mistakes only. The module is registered as an import would do it;
    `forget` undoes that.
    """

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self.name = ".".join(path.relative_to(root).with_suffix("").parts)
        self.mistakes: list[Raised] = []
        self.is_sound = True
        self._missing: set[str] = set()
        _make_room(self.name, root)
        self.module = sys.modules.get(self.name)
        if self.module is None:
            self._start()

    def _start(self) -> None:
        package, _, stem = self.name.rpartition(".")
        try:
            parent = importlib.import_module(package) if package else None
            tree = tree_of(str(self.path))
        except FileNotFoundError:
            self.mistakes.append(Raised("S0001", "there is no such file", Site(str(self.path), 1)))
        except (Exception, SystemExit) as error:
            self.mistakes.append(failure(error, self.path, None, ()))
        else:
            self._run(tree)
            if parent:
                setattr(parent, stem, self.module)

    def _run(self, tree: ast.Module) -> None:
        spec = ModuleSpec(self.name, SourceFileLoader(self.name, str(self.path)), origin=str(self.path))
        spec.has_location = True
        self.module = sys.modules[self.name] = module = importlib.util.module_from_spec(spec)
        module.__doc__ = ast.get_docstring(tree, clean=False)
        # Run by itself, a string would become the module's docstring.
        statements = [each for each in tree.body if not _is_text(each)]
        early: list[ast.Name] = []
        is_postponed = postpones(tree)
        ran: list[ast.stmt] = []
        for each in statements:
            if not is_postponed:
                early += early_names(each, vars(module).keys() | self._missing)
            if self._statement(each, module):
                ran.append(each)
        self.mistakes += [
            forward_reference(each, str(self.path)) for each in early if each.id in vars(module)
        ]
        missing = self._missing - vars(module).keys()
        self.is_sound = not missing or not any(missing & _read(each) for each in ran)

    def _statement(self, statement: ast.stmt, module: ModuleType) -> bool:
        """Run a statement; whether it succeeded. What fails because of an earlier failure is not reported."""
        try:
            code = compile(ast.Module([statement], []), str(self.path), "exec", FLAGS, dont_inherit=True)
            exec(code, vars(module))  # noqa: S102 - the user's own file, as an import would run it
        except (Exception, SystemExit) as error:
            if isinstance(error, ImportError) and not isinstance(error, ModuleNotFoundError):
                if isinstance(statement, ast.ImportFrom) and len(statement.names) > 1:
                    outcomes = [self._statement(each, module) for each in _apart(statement)]
                    return all(outcomes)
                self._missing.update(meant(error))
            if not (isinstance(error, NameError) and error.name in self._missing):
                self.mistakes.append(failure(error, self.path, statement, vars(module)))
            self._missing |= _bound(statement)
            return False
        return True


def forget(name: str) -> None:
    """Let the next import of a module run its file anew."""
    package, _, stem = name.rpartition(".")
    sys.modules.pop(name, None)
    if package in sys.modules:
        vars(sys.modules[package]).pop(stem, None)


def _make_room(name: str, root: Path) -> None:
    """See to it that the name is imported from under `root`: forget what came by it from elsewhere."""
    if sys.path[:1] != [str(root)]:
        sys.path[:] = [str(root), *(each for each in sys.path if each != str(root))]
    package = f"{name.rpartition('.')[0]}."
    for each, module in list(sys.modules.items()):
        related = name == each or name.startswith(f"{each}.") or (package != "." and each.startswith(package))
        if related and not _is_below(module, root):
            forget(each)
    importlib.invalidate_caches()


def _is_below(module: ModuleType, root: Path) -> bool:
    file: str | None = getattr(module, "__file__", None)
    places = [file] if file else list(getattr(module, "__path__", ()))[:1]
    return any(Path(place).resolve().is_relative_to(root) for place in places)


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
