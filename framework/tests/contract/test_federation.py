"""Each directive of federation stands in a subgraph's SDL where its definition says."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from graphql import DirectiveNode, DocumentNode, ListValueNode, parse

from thestack.contract import sdl
from thestack.contract.federation import field_set
from thestack.contract.links import Directives
from thestack.definition.directives import Directive, authenticated, cost, directive, override, shareable, tag
from thestack.definition.load import models

FIXTURES = Path(__file__).parents[1] / "fixtures"


def written(*uses: Directive) -> str:
    writer = Directives(federated=True)
    writer(*uses)
    return writer.header


@pytest.fixture(scope="module")
def texts() -> Mapping[str, str]:
    roots = (FIXTURES / "federation", FIXTURES / "marked")
    return {model.name: sdl.subgraph(model) for root in roots for model in models(root)}


@pytest.mark.parametrize(
    ("service", "line"),
    [
        ("users", 'type User @key(fields: "id") @key(fields: "email") {'),
        ("users", 'type Product @key(fields: "sku package", resolvable: false) {'),
        ("users", 'email: String! @tag(name: "personal")'),
        ("users", "made: Int! @shareable"),
        ("products", '@key(fields: "id") @key(fields: "sku package") @key(fields: "sku variation { id }")'),
        ("products", 'interface Item @key(fields: "id") {'),
        ("products", "type Dimensions @shareable {"),
        ("products", 'margin: Int! @inaccessible @tag(name: "internal")'),
        ("products", '@composeDirective(name: "@audited")'),
        ("products", '@link(url: "https://shop.example/audited/v1.0", import: ["@audited"])'),
        ("products", "\ndirective @audited(level: Int) on OBJECT\n"),
        ("products", "@audited(level: 3) {"),
        ("inventory", 'type Product @key(fields: "sku variation { id }") {'),
        ("inventory", "price: Int! @external"),
        ("inventory", "dimensions: Dimensions! @external"),
        ("inventory", '): Float @requires(fields: "dimensions { size weight }")'),
        ("inventory", 'insured: Boolean @requires(fields: "price")'),
        ("inventory", 'delivery: String @override(from: "products")'),
        ("reviews", 'type Item @key(fields: "id") @interfaceObject {'),
        ("reviews", 'author: User! @provides(fields: "name")'),
        ("reviews", "name: String! @external"),
        ("reviews", '@provides(fields: "nodes { name } edges { node { name } }")'),
        ("reviews", "type UserConnection @shareable {"),
        ("stock", 'left: Int @override(from: "stalls", label: "percent(100)")'),
        ("stalls", "told: String @authenticated"),
        ("stalls", 'type Stall @key(fields: "id") @context(name: "stall") {'),
        ("stalls", 'currency: String @fromContext(field: "$stall { currency }")'),
        ("stalls", "left: Int! @cost(weight: 3)"),
        ("stalls", "@listSize(assumedSize: 5, requireOneSlicingArgument: false)"),
    ],
)
def test_a_directive_stands_where_it_should(texts: Mapping[str, str], service: str, line: str) -> None:
    assert line in texts[service]


def test_every_directive_in_use_is_imported_and_no_other(texts: Mapping[str, str]) -> None:
    for text in texts.values():
        document = parse(text)
        used = {f"@{name}" for name in names_of(document)} - {"@link", "@deprecated"}
        assert set(imports_of(document)) == used


def names_of(document: DocumentNode) -> set[str]:
    found: set[str] = set()

    def walk(node: object) -> None:
        for each in getattr(node, "directives", None) or ():
            found.add(each.name.value)
        for part in ("fields", "arguments"):
            for child in getattr(node, part, None) or ():
                walk(child)

    for definition in document.definitions:
        walk(definition)
    return found


def imports_of(document: DocumentNode) -> list[str]:
    links: list[DirectiveNode] = [
        each
        for definition in document.definitions
        for each in getattr(definition, "directives", None) or ()
        if each.name.value == "link"
    ]
    lists = [each.value for link in links for each in link.arguments if each.name.value == "import"]
    return [item.value for each in lists if isinstance(each, ListValueNode) for item in each.values]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("uses", "version"),
    [
        ([], 3),
        ([shareable, tag("x")], 3),
        ([shareable, authenticated], 5),
        ([override("a")], 3),
        ([override("a", label="percent(1)")], 7),
        ([authenticated, cost(2)], 9),
    ],
)
def test_the_version_is_as_high_as_what_is_used_asks_for(uses: list[Directive], version: int) -> None:
    assert f"https://specs.apollo.dev/federation/v2.{version}" in written(*uses)


def test_custom_directives_of_one_address_share_a_link() -> None:
    url = "https://x.example/notes/v1.2"
    first = directive("directive @first on OBJECT", url=url)
    second = directive("directive @second(n: Int) repeatable on OBJECT", url=url)
    text = written(second({"n": 1}), first(), second({"n": 2}))
    assert f'@link(url: "{url}", import: ["@first", "@second"])' in text
    assert text.count("directive @second") == 1


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["id"], "id"),
        (["sku", "made_by"], "sku madeBy"),
        (
            ["sku", "made.id", "made.by_name", "a.b.c"],
            "sku made { id byName } a { b { c } }",
        ),
    ],
)
def test_a_field_set_selects_fields_of_fields(paths: list[str], expected: str) -> None:
    assert field_set(paths) == expected


def test_what_executes_knows_nothing_of_composition() -> None:
    for model in models(FIXTURES / "federation"):
        document = parse(sdl.executable(model))
        assert names_of(document) == set()
        assert "type _Service { sdl: String! }" in sdl.executable(model)
        assert "_entities(representations: [_Any!]!): [_Entity]!" in sdl.executable(model)
