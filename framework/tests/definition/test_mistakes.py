"""The report on a wrong definition, to the letter; `THESTACK_SNAPSHOTS=write` writes the expected texts."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from thestack.definition.load import load_all
from thestack.diagnostics.render import to_text

MISTAKES = Path(__file__).parents[1] / "fixtures/mistakes"
FIXTURES = sorted(path.stem for path in MISTAKES.glob("*.py") if not path.stem.endswith(".fixed"))


@pytest.mark.parametrize("name", FIXTURES)
def test_the_report(name: str, project: Callable[[str], Path]) -> None:
    root = project((MISTAKES / f"{name}.py").read_text(encoding="utf-8"))
    diagnostics = [each for loaded in load_all(root) for each in loaded.diagnostics]
    report = to_text(diagnostics, root).plain + "\n"
    expected = MISTAKES / f"{name}.txt"
    if os.environ.get("THESTACK_SNAPSHOTS") == "write":
        expected.write_text(report, encoding="utf-8")
    assert report == expected.read_text(encoding="utf-8")
    if name.startswith("S"):
        assert {each.code for each in diagnostics} == {name[:5]}
