"""What clients are known to ask is answered by the supergraph of this repository."""

import re
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema

from tests.e2e.steps import analytics, events, media, notifications, todos
from thestack.contract.operations import client_operations
from thestack.contract.replay import mistakes
from thestack.contract.usage import usage
from thestack.definition.load import models
from thestack.infra.supergraph import supergraph_of

ROOT = Path(__file__).parents[2]
OPERATION = re.compile(r"\s*(query|mutation|subscription)?\s*\w*\s*(\(\$.*\))?\s*\{", re.DOTALL)
ASKED_BY_NOBODY = {todos.ENTITIES}
"""What the demo asks only to be refused."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(supergraph_of(models(ROOT), ROOT).public_sdl)


def test_all_of_them_are_valid(schema: GraphQLSchema) -> None:
    found = client_operations(ROOT)
    assert {each.client for each in found} >= {"public", "internal"}
    assert {str(each): mistakes(each.text, schema) for each in found if mistakes(each.text, schema)} == {}
    assert not [each for each in found if each.broken]


def test_what_the_demo_asks_is_among_them(schema: GraphQLSchema) -> None:
    steps = (analytics, events, media, notifications, todos)
    asked = [
        text
        for module in steps
        for text in vars(module).values()
        if isinstance(text, str) and OPERATION.match(text) and text not in ASKED_BY_NOBODY
    ]
    assert len(asked) > 15
    known = set().union(*(usage(each.text, schema).taken for each in client_operations(ROOT)))
    assert {
        text: usage(text, schema).taken - known for text in asked if usage(text, schema).taken - known
    } == {}
