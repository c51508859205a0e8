"""What the composer says is told at the place of a definition."""

from pathlib import Path

import pytest

import thestack.router
from thestack.contract.blame import Blame
from thestack.contract.composing import mistakes_found
from thestack.contract.composition import CompositionError, Mistake, compose_each
from thestack.contract.findings import Finding
from thestack.toolchain.tools import ensure_npm, node_executable

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible"])\n'
)
A = LINK + 'type Query { a: Product } type Product @key(fields: "id") { id: ID! price: Int! name: String }'
B = LINK + 'type Query { b: Product } type Product @key(fields: "id") { id: ID! stock: Int }'
CASES: dict[str, tuple[str, str, list[tuple[str, str, str, str]]]] = {
    # what it shows: a, b (changed from B), and code, service, about, reason of each finding
    "types": (
        A.replace("name: String", "name: String @shareable"),
        B.replace("stock: Int", "name: Int @shareable"),
        [("C102", "b", "Product.name", "FIELD_TYPE_MISMATCH")],
    ),
    "sharing": (
        A,
        B.replace("stock: Int", "name: String"),
        [("C103", "b", "Product.name", "INVALID_FIELD_SHARING")],
    ),
    "a key": (
        A,
        B.replace('fields: "id"', 'fields: "uuid"'),
        [("C101", "b", "Product", "KEY_INVALID_FIELDS")],
    ),
    "requires": (
        A,
        B.replace("stock: Int", 'cost: Int @external stock: Int @requires(fields: "cost")'),
        [("C102", "b", "Product.cost", "EXTERNAL_MISSING_ON_BASE")],
    ),
    "unreachable": (
        A,
        B.replace('@key(fields: "id")', '@key(fields: "sku", resolvable: false)').replace(
            "id: ID!", "sku: ID"
        ),
        [("C104", "b", "Product.id", "SATISFIABILITY_ERROR")],
    ),
    "kinds": (A, B + " enum Money { EUR } ", []),
    "an unknown type": (A, B.replace("Int", "Nowhere"), [("C101", "b", "", "INVALID_GRAPHQL")]),
    "an argument": (
        A.replace("name: String", "name(in: ID): String @shareable"),
        B.replace("stock: Int", "name(in: Int): String @shareable"),
        [("C102", "b", "Product.name(in:)", "FIELD_ARGUMENT_TYPE_MISMATCH")],
    ),
    "a reference to what is hidden": (
        A,
        B + " type Hidden @inaccessible { x: Int } extend type Query { hidden: Hidden }",
        [("C102", "b", "Query.hidden", "REFERENCED_INACCESSIBLE")],
    ),
}


@pytest.fixture(scope="module")
def found() -> dict[str, list[Finding]]:
    root = Path(__file__).resolve().parents[3]
    source = Path(thestack.router.__file__).parent
    packages = ensure_npm(source, root / ".stack" / "node", "the router's packages", print)
    sets = [{"a": a, "b": b} for a, b, _ in CASES.values()]
    composed = compose_each(sets, node=node_executable(), node_modules=packages)
    return {
        name: list(mistakes_found(each, Blame({"a": subgraphs["a"], "b": B}, subgraphs)))
        if isinstance(each, CompositionError)
        else []
        for name, each, subgraphs in zip(CASES, composed, sets, strict=True)
    }


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_has_a_place(found: dict[str, list[Finding]], case: str) -> None:
    for code, service, about, reason in CASES[case][2]:
        near = [(each.code, each.service, each.about) for each in found[case]]
        assert (code, service, about) in near, [each.message for each in found[case]]
        assert any(f"[{reason}]" in each.message and each.help for each in found[case])
    assert bool(found[case]) is bool(CASES[case][2])
    assert all("\n" not in each.message for each in found[case])


def test_who_took_away_what_another_requires_is_told() -> None:
    message = (
        'Field "Product.cost" is marked @external on all the subgraphs in which it is listed (subgraph "b").'
    )
    error = CompositionError([Mistake(message, "EXTERNAL_MISSING_ON_BASE")], ["a", "b"])
    b = "type Product { cost: Int @external }"
    blame = Blame({"a": "type Product { cost: Int }", "b": b}, {"a": "type Product { id: ID }", "b": b})
    (finding,) = mistakes_found(error, blame)
    assert (finding.service, finding.about, finding.hurt) == ("a", "Product.cost", ("subgraph b",))


def test_what_two_sides_changed_is_told_at_both() -> None:
    message = (
        'Type of field "Product.name" is incompatible across subgraphs: '
        'it has type "Int" in subgraph "a" but type "ID" in subgraphs "b" and "c"'
    )
    error = CompositionError([Mistake(message, "FIELD_TYPE_MISMATCH")], ["a", "b", "c"])
    parts = {
        name: f"type Product {{ name: {type} }}" for name, type in (("a", "Int"), ("b", "ID"), ("c", "ID"))
    }
    first = list(mistakes_found(error, Blame({}, parts)))
    assert [(each.service, each.hurt) for each in first] == [
        ("a", ("subgraph b", "subgraph c")),
        ("b", ("subgraph a", "subgraph c")),
        ("c", ("subgraph a", "subgraph b")),
    ]
    (second,) = mistakes_found(error, Blame({**parts, "a": "type Product { name: ID }"}, parts))
    assert (second.service, second.hurt) == ("a", ("subgraph b", "subgraph c"))
