"""Subgraphs become one supergraph, or a report of why they can't."""

from pathlib import Path

import pytest

import thestack.router
from thestack.contract.composition import ComposerUnavailable, CompositionError, Supergraph, compose
from thestack.toolchain.tools import ensure_npm, node_executable

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
TODO = (
    LINK
    + """
type Query { todo: Todo }
type Todo { id: ID! file: Media }
type Media @key(fields: "id", resolvable: false) { id: ID! }
"""
)
MEDIA = LINK + 'type Query { media: Media } type Media @key(fields: "id") { id: ID! url: String! }'


@pytest.fixture(scope="session")
def packages() -> Path:
    root = Path(__file__).resolve().parents[3]
    source = Path(thestack.router.__file__).parent
    return ensure_npm(source, root / ".stack" / "node", "the router's packages", print)


def composed(packages: Path, **subgraphs: str) -> Supergraph:
    return compose(subgraphs, node=node_executable(), node_modules=packages)


def refused(packages: Path, **subgraphs: str) -> CompositionError:
    with pytest.raises(CompositionError) as caught:
        composed(packages, **subgraphs)
    return caught.value


def test_joins_an_entity_of_two_subgraphs(packages: Path) -> None:
    supergraph = composed(packages, todo=TODO, media=MEDIA)
    assert '@join__graph(name: "todo", url: "lambda://todo")' in supergraph.sdl
    assert '@join__graph(name: "media", url: "lambda://media")' in supergraph.sdl
    assert "url: String!" in supergraph.public_sdl
    assert "join__" not in supergraph.public_sdl


def test_the_order_of_subgraphs_changes_nothing(packages: Path) -> None:
    assert composed(packages, todo=TODO, media=MEDIA) == composed(packages, media=MEDIA, todo=TODO)


def test_a_contradiction_names_every_side_and_what_to_do(packages: Path) -> None:
    error = refused(packages, a=LINK + "type Query { x: Int }", b=LINK + "type Query { x: String }")
    assert {mistake.code for mistake in error.mistakes} == {"FIELD_TYPE_MISMATCH", "INVALID_FIELD_SHARING"}
    lines = str(error).splitlines()
    assert lines[0] == "the subgraphs a, b do not compose into a supergraph:"
    assert any('"Int" in subgraph "a" but type "String" in subgraph "b"' in line for line in lines)
    assert lines[-1] == "change the service.py of a or b and compose again"


def test_a_mistake_in_one_subgraph_is_told_of_that_one(packages: Path) -> None:
    error = refused(packages, todo=TODO, media=MEDIA.replace('"id"', '"uuid"'))
    assert [(mistake.subgraph, mistake.code) for mistake in error.mistakes] == [
        ("media", "KEY_INVALID_FIELDS")
    ]
    assert str(error).endswith("change the service.py of media and compose again")


def test_sdl_that_does_not_parse_is_told_by_its_place(packages: Path) -> None:
    error = refused(packages, todo=TODO + "}", media=MEDIA)
    (mistake,) = error.mistakes
    assert (mistake.subgraph, mistake.code) == ("todo", "INVALID_GRAPHQL")
    assert "(line 6, column 1)" in mistake.message


def test_nothing_is_no_supergraph(packages: Path) -> None:
    assert refused(packages).mistakes[0].code == "NO_SUBGRAPH"


def test_a_missing_composer_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(
        ComposerUnavailable, match=r"cannot compose the supergraph: .*federation-composition"
    ) as caught:
        composed(tmp_path, todo=TODO)
    assert "\n" not in str(caught.value)
    with pytest.raises(ComposerUnavailable, match="cannot compose the supergraph with"):
        compose({"todo": TODO}, node=tmp_path / "node", node_modules=tmp_path)
