"""What a change of one subgraph takes from the others."""

import pytest

from thestack.contract.blame import Blame
from thestack.contract.findings import Finding, Level
from thestack.contract.subgraph_changes import does_for, subgraph_findings

PRODUCTS = """
type Product @key(fields: "id") @key(fields: "sku package") {
  id: ID! sku: String! package: String! price: Int! weight: Int margin: Int! @inaccessible
}
"""
ORDERS = 'type Product @key(fields: "package sku", resolvable: false) { sku: String! package: String! }'
STOCK = """
type Product @key(fields: "id") {
  id: ID! price: Int! @external weight: Int @external
  delivery: Int @requires(fields: "price")
}
type Query { heaviest: Product @provides(fields: "weight") }
"""


def found(after: str, before: str = PRODUCTS, **others: str) -> list[Finding]:
    blame = Blame({**others, "products": before}, {**others, "products": after})
    return list(subgraph_findings(blame))


def test_a_key_that_others_refer_by_stays() -> None:
    after = PRODUCTS.replace('@key(fields: "sku package")', "")
    (finding,) = found(after, orders=ORDERS, stock=STOCK)
    assert (finding.code, finding.level) == ("C221", Level.BREAKING)
    assert (finding.service, finding.about, finding.hurt) == ("products", "Product", ("subgraph orders",))
    assert finding.message == '`Product` is not found by the key "package sku" any more'


def test_a_key_that_nobody_refers_by_goes() -> None:
    after = PRODUCTS.replace('@key(fields: "sku package")', "")
    (finding,) = found(after, stock=STOCK)
    assert (finding.code, finding.level) == ("C221", Level.SAFE)


def test_a_key_that_others_stop_to_refer_by_at_once_goes_after_them() -> None:
    after = PRODUCTS.replace('@key(fields: "sku package")', "")
    before = {"products": PRODUCTS, "orders": ORDERS}
    (finding,) = subgraph_findings(Blame(before, {"products": after}))
    assert (finding.level, finding.hurt) == (Level.DANGEROUS, ("subgraph orders",))


def test_the_order_in_a_key_does_not_matter_and_a_key_more_is_safe() -> None:
    assert found(PRODUCTS.replace("sku package", "package sku"), orders=ORDERS) == []
    (finding,) = found(PRODUCTS, before=PRODUCTS.replace('@key(fields: "sku package")', ""))
    assert (finding.code, finding.level) == ("C200", Level.SAFE)


def test_a_key_is_lost_with_its_type_and_when_it_resolves_no_more() -> None:
    resolves_not = PRODUCTS.replace('"sku package"', '"sku package", resolvable: false')
    for after in ("type Query { x: Int }", resolves_not):
        assert [each.hurt for each in found(after, orders=ORDERS) if each.level is Level.BREAKING] == [
            ("subgraph orders",)
        ]


@pytest.mark.parametrize(
    ("old", "new", "about", "where"),
    [
        ("price: Int!", "", "Product.price", "Product.delivery requires it"),
        ("price: Int!", "price: Int", "Product.price", "Product.delivery requires it"),
        ("weight: Int", "weight: String", "Product.weight", "Query.heaviest provides it"),
    ],
)
def test_what_others_require_or_provide_stays(old: str, new: str, about: str, where: str) -> None:
    (finding,) = found(PRODUCTS.replace(old, new), stock=STOCK)
    assert (finding.code, finding.level, finding.about) == ("C222", Level.BREAKING, about)
    assert finding.hurt == (f"subgraph stock, where {where}",)


@pytest.mark.parametrize(
    ("old", "new"), [("weight: Int", "weight: Int!"), ("margin: Int! @inaccessible", "")]
)
def test_what_does_for_others_as_well_is_no_loss(old: str, new: str) -> None:
    assert found(PRODUCTS.replace(old, new), stock=STOCK) == []


def test_a_field_that_another_subgraph_answers_as_well_is_no_loss() -> None:
    other = 'type Product @key(fields: "id") { id: ID! price: Int! @shareable }'
    assert found(PRODUCTS.replace("price: Int!", ""), stock=STOCK, prices=other) == []


def test_who_takes_a_field_over_is_told_with_who_had_it() -> None:
    after = PRODUCTS.replace("weight: Int", 'weight: Int @override(from: "scales")')
    (finding,) = found(after)
    assert (finding.code, finding.level, finding.hurt) == ("C223", Level.DANGEROUS, ("subgraph scales",))
    assert "asked of products and not scales from now on" in finding.message
    part = PRODUCTS.replace("weight: Int", 'weight: Int @override(from: "scales", label: "percent(5)")')
    assert "for a part of the requests" in found(part)[0].message


def test_other_directives_are_told_and_safe() -> None:
    (finding,) = found(PRODUCTS.replace("weight: Int", 'weight: Int @tag(name: "heavy")'))
    assert (finding.code, finding.level, finding.about) == ("C224", Level.SAFE, "Product.weight")
    assert finding.message == '`Product.weight` has @tag(name: "heavy")'


@pytest.mark.parametrize(
    ("offered", "wanted", "does"),
    [
        ("Int!", "Int", True),
        ("[Int!]!", "[Int]", True),
        ("[Int]", "[Int]", True),
        ("Int", "Int!", False),
        ("[Int]!", "[Int!]", False),
        ("Int", "[Int]", False),
        ("[Int]", "Int", False),
        ("ID", "String", False),
    ],
)
def test_a_type_does_for_another_where_its_values_are_among_the_others(
    offered: str, wanted: str, does: bool
) -> None:
    assert does_for(offered, wanted) is does


def test_a_new_field_may_take_another_over() -> None:
    after = PRODUCTS.replace("weight: Int", 'weight: Int size: Int @override(from: "scales")')
    (finding,) = found(after)
    assert (finding.code, finding.about) == ("C223", "Product.size")
