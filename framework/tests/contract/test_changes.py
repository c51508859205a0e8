"""Changes written by hand come to the verdict that is written beside them, and every gate is needed."""

import re
from pathlib import Path

import pytest

from framework.tests.contract import corpus
from thestack.contract.findings import refused
from thestack.contract.gates import GATES, Change, judge

SOURCES = corpus.ROOT / "framework/src/thestack"


@pytest.fixture(scope="session")
def changes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Change]:
    return corpus.changes(tmp_path_factory.mktemp("changes"))


@pytest.mark.parametrize("name", corpus.names())
def test_a_change_comes_to_its_verdict(name: str, changes: dict[str, Change]) -> None:
    found, verdict = judge(changes[name]), corpus.verdict(name)
    assert corpus.told(found) == verdict.findings, [each.message for each in found]
    assert bool(refused(found)) != verdict.passes


@pytest.mark.parametrize("name", corpus.names())
def test_what_fails_has_a_near_twin_that_passes(name: str) -> None:
    verdict = corpus.verdict(name)
    if not verdict.passes:
        assert corpus.verdict(verdict.twin).passes


@pytest.mark.parametrize("gate", GATES)
def test_without_a_gate_something_that_must_fail_passes(gate: str, changes: dict[str, Change]) -> None:
    others = {name: each for name, each in GATES.items() if name != gate}
    missed = [
        name
        for name in corpus.names()
        if not corpus.verdict(name).passes and not refused(judge(changes[name], others))
    ]
    assert missed, f"no change is refused by the gate {gate} alone"


def test_there_are_many_of_both_kinds() -> None:
    passing = [corpus.verdict(name).passes for name in corpus.names()]
    assert len(passing) >= 30
    assert min(passing.count(True), passing.count(False)) >= 12


def test_each_code_has_a_page_that_begins_with_it() -> None:
    used = {
        code for file in SOURCES.rglob("*.py") for code in re.findall(r'"(C\d{3})"', file.read_text("utf-8"))
    }
    pages = {page.stem: page for page in Path(corpus.ROOT / "docs/diagnostics").glob("C*.md")}
    assert set(pages) == used
    for code, page in pages.items():
        assert re.match(rf"# {code}: \S", page.read_text("utf-8"))
