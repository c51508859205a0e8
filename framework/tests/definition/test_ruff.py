"""The shipped settings for Ruff: no rule is against what the language asks for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import thestack
from thestack import language

ROOT = Path(__file__).parents[3]
SHIPPED = Path(thestack.__path__[0]) / "ruff-services.toml"
DEFINITIONS = [
    *sorted((ROOT / "services").glob("*/service.py")),
    *(Path(__file__).parent / f"typed/{name}.py" for name in ("shop", "market")),
]
TASTE = ["COM812", "CPY", "D", "DOC", "EM", "I", "TRY003"]
"""Rules on docstrings, commas, messages and the order of imports, which are a project's own choice."""
QUOTES = "UP037"
"""What quotes are superfluous only because of the line that the test adds."""
POSTPONED = "from __future__ import annotations\n\n"


def found(root: Path, extend: bool) -> list[str]:
    """What every rule that there is finds in the definitions, each copied to a project's place for it."""
    settings = "target-version = 'py311'\nline-length = 110\npreview = true\nsrc = ['.']\n[lint]\n"
    settings += f"select = ['ALL']\nignore = {json.dumps([*TASTE, QUOTES])}\n"
    (root / "ruff.toml").write_text((f"extend = '{SHIPPED}'\n" if extend else "") + settings)
    for file in DEFINITIONS:
        copy = root / "services" / (file.parent.name if file.stem == "service" else file.stem) / "service.py"
        copy.parent.mkdir(parents=True, exist_ok=True)
        docstring, newline, rest = file.read_text(encoding="utf-8").partition('"""\n\n')
        copy.write_text(docstring + newline + POSTPONED + rest, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--output-format",
        "json",
        str(root / "services"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [
        f"{each['code']} {each['filename']}:{each['location']['row']}" for each in json.loads(done.stdout)
    ]


def test_a_project_that_extends_them_finds_nothing_in_definitions(tmp_path: Path) -> None:
    assert found(tmp_path, extend=True) == []


def test_without_them_it_would(tmp_path: Path) -> None:
    codes = {each.partition(" ")[0] for each in found(tmp_path, extend=False)}
    assert codes >= {"A002", "ARG001", "TC003"}


@pytest.mark.parametrize("name", sorted(set(SHIPPED.read_text().split('"thestack.')[1:])))
def test_they_name_what_the_language_has(name: str) -> None:
    assert name.partition('"')[0] in language.__all__


def test_the_distribution_has_them() -> None:
    wheel = WheelBuilder(str(ROOT / "framework"))
    assert "thestack/ruff-services.toml" in {
        each.distribution_path for each in wheel.recurse_included_files()
    }


def test_this_repository_uses_them() -> None:
    assert "framework/src/thestack/ruff-services.toml" in (ROOT / "pyproject.toml").read_text()
