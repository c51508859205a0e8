"""What a gate finds is shown where the definition says it."""

import shutil
from pathlib import Path

from framework.tests.contract.corpus import CASES
from thestack.cli.findings import diagnostics_of
from thestack.contract.building import contract_of
from thestack.contract.composition import compose_each
from thestack.contract.gates import Change, judge
from thestack.contract.operations import client_operations
from thestack.contract.promise import subgraphs
from thestack.definition.load import models
from thestack.diagnostics.render import locate_all, to_github
from thestack.toolchain.tools import find

ROOT = Path(__file__).resolve().parents[3]


def shown(case: str, folder: Path) -> tuple[list[str], str]:
    """The marked text of each place, and the annotations, of a case whose `before` nobody knows."""
    tools = find(ROOT)
    assert tools
    for side in ("before", "after"):
        shutil.copytree(CASES / case / side, folder, dirs_exist_ok=True)
    loaded = models(folder)
    world = {each.name: contract_of(each) for each in loaded}
    (composed,) = compose_each([subgraphs(world)], node=tools.node, node_modules=tools.node_modules)
    found = judge(Change({}, world, None, composed, client_operations(folder)))
    diagnostics = diagnostics_of(found, loaded, folder)
    marked = [
        f"{each.file}: {each.source.line(each.span.line)[each.span.column - 1 : each.span.end_column - 1]}"
        for each in locate_all(diagnostics, folder)
    ]
    return marked, to_github(diagnostics, folder)


def test_a_mistake_of_the_composer_is_shown_at_the_field_of_each_side(tmp_path: Path) -> None:
    marked, annotations = shown("two-types-for-one-field", tmp_path)
    assert sorted(set(marked)) == ["services/critics/service.py: stars", "services/shop/service.py: str"]
    assert "::error file=services/shop/service.py,line=11," in annotations
    assert "file=services/critics/service.py,line=13," in annotations


def test_a_file_of_operations_is_shown_itself(tmp_path: Path) -> None:
    _, annotations = shown("operations-can-not-be-read", tmp_path)
    assert "file=frontends/web/operations/books.graphql,line=1," in annotations
    assert "C303" in annotations
