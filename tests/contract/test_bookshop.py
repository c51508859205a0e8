"""The bookshop uses every construct of the language, and is right."""

import ast
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import ROOT
from thestack import language
from thestack.contract import sdl
from thestack.contract.composition import compose
from thestack.definition.load import load_all
from thestack.definition.model import ServiceModel
from thestack.testing import Harness, user
from thestack.testing.entity_checks import entity_checks
from thestack.toolchain.tools import find

BOOKSHOP = ROOT / "examples/bookshop/services"
IMPLIED = {
    "Access": "what an index is, read on its class",
    "BadInput": "raised by the framework, or by a handler that judges its arguments",
    "Blob": "what a BlobReader answers",
    "BlobInfo": "what a BlobReader answers",
    "BlobTooLarge": "raised by a BlobReader",
    "Conflict": "raised by the framework",
    "Cursor": "a position in a page, which clients hand back",
    "Directive": "what the directives are",
    "Edge": "a part of a Connection",
    "Forbidden": "raised by the framework",
    "Location": "what a BlobReader answers",
    "MailRefused": "raised by a mailer",
    "MailThrottled": "raised by a mailer",
    "NoBlob": "raised by a BlobReader",
    "PresignedPost": "what Blobs answer",
    "Profile": "what Profiles answers",
    "Reject": "raised where a message can never succeed",
    "Rows": "what Owned is, and a narrowed Store",
    "Rule": "what the rules are",
    "Taken": "raised by the framework",
    "TooLarge": "raised by the framework",
    "Unauthenticated": "raised by the framework",
    "Uncertain": "raised by an adapter of one's own",
    "context": "for routers that know contexts, which the one here does not",
    "external": "what views and Requires derive",
    "from_context": "for routers that know contexts, which the one here does not",
    "provides": "what views derive",
    "Unconfirmed": "raised by the framework",
    "UnknownUser": "raised by a directory",
}
"""What a definition rarely writes down itself, with the reason."""


@pytest.fixture
def models(tmp_path: Path) -> Iterator[dict[str, ServiceModel]]:
    """The models of the bookshop, its publisher, and the services here that they speak to.

    What this imports is forgotten afterwards: the same services are imported from their own folder elsewhere.
    """
    before, paths = dict(sys.modules), list(sys.path)
    shutil.copytree(BOOKSHOP, tmp_path / "services")
    for name in ("analytics", "media", "notifications", "todo"):
        shutil.copytree(ROOT / "services" / name, tmp_path / "services" / name)
    loaded = load_all(tmp_path)
    assert [(each.code, each.message) for one in loaded for each in one.diagnostics] == []
    yield {one.model.name: one.model for one in loaded if one.model}
    sys.path[:] = paths
    for name in [name for name in sys.modules if name.partition(".")[0] == "services"]:
        del sys.modules[name]
    sys.modules.update({name: each for name, each in before.items() if name.partition(".")[0] == "services"})


def test_every_construct_is_used() -> None:
    used = {
        node.id
        for file in BOOKSHOP.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Name)
    }
    assert set(language.__all__) - used == set(IMPLIED)


def test_it_composes_with_the_services_here(models: dict[str, ServiceModel]) -> None:
    tools = find(ROOT)
    assert tools
    subgraphs = {name: sdl.subgraph(model) for name, model in models.items()}
    supergraph = compose(subgraphs, node=tools.node, node_modules=tools.node_modules)
    for line in ("shipping(express: Boolean", "offers: Int", "audited"):
        assert line in supergraph.sdl


async def test_a_book_is_made_found_and_hidden_in_memory(models: dict[str, ServiceModel]) -> None:
    harness = Harness(*models.values())
    shop = harness["bookshop"]
    alice = user("alice")
    made = await shop.ask(
        'mutation { createBook(input: {name: "Emma", genre: ESSAY, price: "9.50"}) { id boughtFor } }', alice
    )
    id = made["data"]["createBook"]["id"]
    again = await shop.ask(
        'mutation { createBook(input: {name: "Emma", genre: NOVEL, price: "1"}) { id } }', alice
    )
    assert again["errors"][0]["extensions"]["code"] == "TAKEN"
    shelf = '{ shelf(where: {name: {beginsWith: "E"}}) { nodes { name } } }'
    answer = await shop.ask(shelf, alice)
    assert answer["data"] == {"shelf": {"nodes": [{"name": "Emma"}]}}
    answer = await shop.ask("{ ofGenre(genre: ESSAY) { nodes { name } } }", alice)
    assert answer["data"] == {"ofGenre": {"nodes": [{"name": "Emma"}]}}
    link = (await shop.ask("query($id: ID!) { readingLink(book: $id) }", alice, id=id))["data"]["readingLink"]
    assert (await shop.visit(link)).body == "<h1>Emma</h1>"
    seen = await shop.ask("query($id: ID!) { book(id: $id) { name boughtFor } }", user("bob"), id=id)
    assert seen["data"]["book"] == {"name": "Emma", "boughtFor": None}


@pytest.mark.parametrize("service", ["bookshop", "critics", "publisher"])
def test_what_every_subgraph_keeps_of_its_entities_they_keep(
    models: dict[str, ServiceModel], service: str
) -> None:
    checks = list(entity_checks(models[service]))
    assert checks
    for each in checks:
        each.run()
