"""Changes of the corpus whose verdict has an `order` of deployment, or the services in `conflict`."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from framework.tests.contract import corpus
from thestack.contract.composition import Composed, compose_each
from thestack.contract.gates import Change, Composer
from thestack.contract.mixed import Mixed
from thestack.contract.planning import Plan, plan
from thestack.contract.promise import subgraphs
from thestack.toolchain.tools import find


def written(name: str) -> dict[str, Any]:
    return tomllib.loads((corpus.CASES / name / "verdict.toml").read_text(encoding="utf-8"))


ORDERED = [name for name in corpus.names() if written(name).keys() & {"order", "conflict"}]


@pytest.fixture(scope="session")
def changes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Change]:
    return corpus.changes(tmp_path_factory.mktemp("changes"))


def planned(change: Change) -> Plan:
    every = change.before.keys() | change.after.keys()
    services = {name for name in every if change.before.get(name) != change.after.get(name)}
    return plan(Mixed(change.before, change.after, services, composer(change), change.operations))


def composer(change: Change) -> Composer:
    """Composes what the change has not composed already."""
    known = {str(subgraphs(change.after)): change.composed_after}
    if change.composed_before is not None:
        known[str(subgraphs(change.before))] = change.composed_before

    def compose(sets: Sequence[Mapping[str, str]]) -> Sequence[Composed]:
        if missing := [each for each in sets if str(each) not in known]:
            tools = find(corpus.ROOT)
            assert tools
            made = compose_each(missing, node=tools.node, node_modules=tools.node_modules)
            known.update(zip(map(str, missing), made, strict=True))
        return [known[str(each)] for each in sets]

    return compose


@pytest.mark.parametrize("name", ORDERED)
def test_changes_are_deployed_in_the_order_that_is_written_down(
    name: str, changes: dict[str, Change]
) -> None:
    found, expected = planned(changes[name]), written(name)
    assert [str(each.step) for each in found.steps] == expected.get("order", [])
    assert list(found.conflict.services if found.conflict else ()) == expected.get("conflict", [])


@pytest.mark.parametrize("name", corpus.names())
def test_what_passes_has_an_order_unless_its_parts_conflict(name: str, changes: dict[str, Change]) -> None:
    verdict, change = written(name), changes[name]
    if change.before == change.after:
        return  # nothing is deployed: it is the clients that changed
    assert planned(change).found == (verdict["passes"] and "conflict" not in verdict)
