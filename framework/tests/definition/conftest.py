"""Projects made of text, for tests that load them."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

Project = Callable[[str], Path]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Writes definition files, in place of those that it wrote before, and answers the project's root.

    A line `# services/NAME/service.py` begins the file of a service; text without one is that of the service
    "shop". What was imported of services before is set aside, untouched, and what the test imports is
    forgotten afterwards.
    """
    before, paths = _taken(), list(sys.path)

    def write(text: str) -> Path:
        first, *others = re.split(r"^# services/(\w+)/service\.py\n", text, flags=re.MULTILINE)
        shutil.rmtree(tmp_path / "services", ignore_errors=True)
        files = dict(zip(others[::2], others[1::2], strict=True)) or {"shop": first}
        for name, content in files.items():
            file = tmp_path / "services" / name / "service.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        return tmp_path

    yield write
    sys.path[:] = paths
    _taken()
    sys.modules.update(before)


def _taken() -> dict[str, ModuleType]:
    """The modules of services, taken from where imports find them."""
    names = [name for name in sys.modules if name.partition(".")[0] == "services"]
    return {name: sys.modules.pop(name) for name in names}
