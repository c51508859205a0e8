"""The modules beside a definition file: one that fails is run statement by statement, as the file is."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from thestack.definition.bodies import tree_of
from thestack.definition.statements import Statements


@contextmanager
def kept(package: str, folder: Path, failed: dict[str, Statements]) -> Iterator[None]:
    """While this lasts, an import of a module beside the file never fails; what did is put into `failed`."""
    finder = _Finder(package, folder, failed)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    """Finds the modules of one folder."""

    def __init__(self, package: str, folder: Path, failed: dict[str, Statements]) -> None:
        self.package, self.folder, self.failed = package, folder, failed

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, name = fullname.rpartition(".")
        file = self.folder / f"{name}.py"
        if package != self.package or not file.is_file():
            return None
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, str(file), self.failed))


class _Loader(SourceFileLoader):
    """Loads a module as ever, and what can be had of one that fails."""

    def __init__(self, fullname: str, path: str, failed: dict[str, Statements]) -> None:
        super().__init__(fullname, path)
        self.failed = failed

    def exec_module(self, module: ModuleType) -> None:
        before = dict(vars(module))
        try:
            super().exec_module(module)
        except (Exception, SystemExit):
            vars(module).clear()
            vars(module).update(before)
            statements = self.failed[self.name] = Statements(Path(self.path), self.failed)
            try:
                tree = tree_of(self.path)
            except (Exception, SystemExit) as error:
                statements.refused(error)
            else:
                statements.run(tree, module)
