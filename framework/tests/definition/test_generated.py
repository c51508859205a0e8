"""Whatever can be defined is served: its SDL builds, composes, and says again what the definition said."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from graphql import DocumentNode, ObjectTypeDefinitionNode, parse, print_ast
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import thestack.router
from framework.tests.definition.definitions import Definition, definitions
from thestack.contract import sdl
from thestack.contract.building import contract_of
from thestack.contract.composition import compose
from thestack.definition.load import load_all
from thestack.definition.model import ServiceModel
from thestack.definition.module import model_of
from thestack.runtime.resolvers import schema
from thestack.toolchain.tools import ensure_npm, node_executable


@contextmanager
def loaded(*written: Definition) -> Iterator[tuple[ServiceModel, ...]]:
    """The models of a project with these definitions, which must have no mistake."""
    before, paths = set(sys.modules), list(sys.path)
    with tempfile.TemporaryDirectory() as name:
        for each in written:
            file = Path(name) / "services" / each.name / "service.py"
            file.parent.mkdir(parents=True)
            file.write_text(each.text)
        try:
            found = load_all(Path(name))
            assert [(mistake.message, mistake.site) for each in found for mistake in each.diagnostics] == []
            yield tuple(each.model for each in found if each.model)
        finally:
            sys.path[:] = paths
            for module in set(sys.modules) - before:
                if module.partition(".")[0] == "services":
                    del sys.modules[module]


def object_types(document: DocumentNode) -> dict[str, dict[str, str]]:
    """The fields of each object type of an SDL text, with their types."""
    return {
        node.name.value: {field.name.value: print_ast(field.type) for field in node.fields or ()}
        for node in document.definitions
        if isinstance(node, ObjectTypeDefinitionNode)
    }


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions())
def test_the_sdl_builds_and_has_every_field_in_its_type(definition: Definition) -> None:
    with loaded(definition) as (model,):
        executable = schema(model)
        subgraph = object_types(parse(sdl.subgraph(model)))
        for shape in definition.shapes:
            fields = {camel(each.name): each.graphql for each in shape.fields}
            assert {name: subgraph[shape.name].get(name) for name in fields} == fields
            served = executable.type_map[shape.name].to_kwargs()["fields"]
            assert {name: str(served[name].type) for name in fields} == fields


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions())
def test_a_definition_read_twice_makes_the_same_promise(definition: Definition) -> None:
    promises: list[object] = []
    for _ in range(2):
        with loaded(definition) as (model,):
            again = model_of(sys.modules[model.module])
            promises += [(contract_of(each), sdl.executable(each)) for each in (model, again)]
    assert all(each == promises[0] for each in promises)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions())
def test_the_schema_of_an_event_has_its_fields_and_those_that_must_be_there(definition: Definition) -> None:
    with loaded(definition) as (model,):
        schemas = {(each.name, each.version): each.schema for each in contract_of(model).says}
        for event in model.events:
            schema_ = schemas[event.name, event.version]
            assert set(schema_["properties"]) == {field.name for field in event.fields}
            must = {field.name for field in event.fields if field.required}
            assert must <= set(schema_.get("required", ()))


@pytest.fixture(scope="session")
def packages() -> Path:
    root = Path(__file__).resolve().parents[3]
    source = Path(thestack.router.__file__).parent
    return ensure_npm(source, root / ".stack" / "node", "the router's packages", print)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.tuples(definitions("alpha"), definitions("beta")))
def test_services_compose(packages: Path, written: tuple[Definition, ...]) -> None:
    with loaded(*written) as models:
        subgraphs = {model.name: sdl.subgraph(model) for model in models}
        public = object_types(
            parse(compose(subgraphs, node=node_executable(), node_modules=packages).public_sdl)
        )
    for definition in written:
        for shape in definition.shapes:
            fields = {camel(each.name): each.graphql for each in shape.fields}
            assert {name: public[shape.name].get(name) for name in fields} == fields
