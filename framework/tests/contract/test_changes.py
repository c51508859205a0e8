"""Changes written by hand come to the verdict that is written beside them, and every gate is needed."""

import pytest

from framework.tests.contract import corpus
from thestack.contract.findings import refused
from thestack.contract.gates import Change, judge


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
