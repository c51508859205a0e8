"""Run a definition file and what it imports of its service, and know every mistake that this meets."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

from thestack.definition.beside import kept
from thestack.definition.bodies import tree_of
from thestack.definition.statements import Statements
from thestack.diagnostics.locate import Raised
from thestack.diagnostics.site import Site


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
        _make_room(self.name, root)
        self.module = sys.modules.get(self.name)
        if self.module is None:
            self._start()

    def _start(self) -> None:
        package, _, stem = self.name.rpartition(".")
        failed: dict[str, Statements] = {}
        statements = Statements(self.path, failed)
        try:
            parent = importlib.import_module(package) if package else None
            tree = tree_of(str(self.path))
        except FileNotFoundError:
            self.mistakes.append(Raised("S0001", "there is no such file", Site(str(self.path), 1)))
            return
        except (Exception, SystemExit) as error:
            statements.refused(error)
        else:
            self.module = sys.modules[self.name] = self._empty()
            with kept(package, self.path.parent, failed):
                statements.run(tree, self.module)
            if parent:
                setattr(parent, stem, self.module)
        runs = (*failed.values(), statements)
        self.mistakes = [mistake for run in runs for mistake in run.mistakes]
        self.is_sound = all(run.is_sound for run in runs)

    def _empty(self) -> ModuleType:
        spec = ModuleSpec(self.name, SourceFileLoader(self.name, str(self.path)), origin=str(self.path))
        spec.has_location = True
        return importlib.util.module_from_spec(spec)


def forget(name: str) -> None:
    """Let the next import of a definition file, and of the modules beside it, run them anew."""
    package = name.rpartition(".")[0]
    for each in [each for each in sys.modules if package and each.rpartition(".")[0] == package]:
        if not hasattr(sys.modules[each], "__path__"):
            _forget(each)
    _forget(name)


def _forget(name: str) -> None:
    package, _, stem = name.rpartition(".")
    sys.modules.pop(name, None)
    if package in sys.modules:
        vars(sys.modules[package]).pop(stem, None)


def _make_room(name: str, root: Path) -> None:
    """See to it that the name is imported from under `root`: forget what came by it from elsewhere."""
    if sys.path[:1] != [str(root)]:
        sys.path[:] = [str(root), *(each for each in sys.path if each != str(root))]
    package = f"{name.rpartition('.')[0]}."
    related = [
        each
        for each in sys.modules
        if name == each or name.startswith(f"{each}.") or (package != "." and each.startswith(package))
    ]
    # All are looked at before one is forgotten: a package without `__init__` asks the one above where it is.
    for each in [each for each in related if not _is_below(sys.modules[each], root)]:
        _forget(each)
    importlib.invalidate_caches()


def _is_below(module: ModuleType, root: Path) -> bool:
    file: str | None = getattr(module, "__file__", None)
    places = [file] if file else list(getattr(module, "__path__", ()))[:1]
    return any(Path(place).resolve().is_relative_to(root) for place in places)
