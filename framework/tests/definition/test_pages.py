"""Every code has a page, whose wrong example gives that code and whose right one loads."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from thestack.definition.load import load_all

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "framework/src/thestack"
PAGES = {page.stem: page for page in sorted((ROOT / "docs/diagnostics").glob("S*.md"))}
FIXTURES = {path.stem[:5] for path in (ROOT / "framework/tests/fixtures/mistakes").glob("S*.py")}

IMPORTS = """\
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from thestack import *

"""
SERVICE = 'service = Service("shop")\n'


def used() -> set[str]:
    """The codes that the framework's source gives."""
    files = [*SOURCES.rglob("*.py")]
    return {code for file in files for code in re.findall(r'"(S\d{4})"', file.read_text(encoding="utf-8"))}


def example(page: Path, heading: str) -> str:
    """The code blocks under a heading, as a project of one service or of those that they name."""
    _, _, after = page.read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    section, _, _ = after.partition("\n## ")
    blocks: list[str] = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    assert blocks, f"{page.name} has no example under {heading}"
    return "".join(_completed(block) for block in blocks)


def _completed(block: str) -> str:
    head, newline, rest = block.partition("\n") if block.startswith("# services/") else ("", "", block)
    return head + newline + IMPORTS + ("" if " = Service(" in block else SERVICE) + rest


def test_each_code_has_a_page_and_a_fixture_and_nothing_else_has() -> None:
    assert set(PAGES) == used()
    assert used() == FIXTURES


@pytest.mark.parametrize("code", PAGES)
def test_a_page_says_what_its_title_says(code: str) -> None:
    assert re.match(rf"# {code}: \S", PAGES[code].read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", PAGES)
def test_the_wrong_example_gives_the_code_alone_and_the_right_one_loads(
    code: str, project: Callable[[str], Path], tmp_path: Path
) -> None:
    def codes(heading: str) -> set[str]:
        return {
            each.code
            for loaded in load_all(project(example(PAGES[code], heading)))
            for each in loaded.diagnostics
        }

    assert codes("Wrong") == {code}
    assert codes("Right") == set()
