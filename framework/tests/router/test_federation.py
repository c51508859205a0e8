"""Queries that cross services, planned and answered by the real router."""

from collections.abc import Iterator

import pytest

from framework.tests.router.conftest import Node
from framework.tests.router.federation import MARKED, SHOP, Shop, open_shop

USER = 'mutation { addUser(id: "u1", email: "ann@shop.example", name: "Ann", joined: "2026-01-31") { id } }'
PRODUCT = """mutation($id: ID!, $sku: String!, $weight: Float!, $price: Int!) {
  addProduct(id: $id, sku: $sku, package: "boxed", variation: "red", weight: $weight, price: $price,
             email: "ann@shop.example") { id }
}"""
VOUCHER = 'mutation { addVoucher(id: "v1", worth: 20) { id } }'
REVIEW = """mutation($id: ID!, $item: ID!) {
  addReview(id: $id, item: $item, email: "ann@shop.example", name: "Ann as she was", body: "fine") { id }
}"""


@pytest.fixture(scope="module")
def _open(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = open_shop(node, SHOP, tmp_path_factory.mktemp("federation"))
    yield shop
    shop.router.close()
    shop.cloud.close()


@pytest.fixture
def shop(_open: Shop) -> Shop:
    """A shop with a user, a product, a voucher, and a review of each of these two."""
    _open.empty()
    _open.ask(USER)
    _open.ask(PRODUCT, id="1", sku="lamp", weight=2.5, price=120)
    _open.ask(VOUCHER)
    _open.ask(REVIEW, id="r1", item="1")
    _open.ask(REVIEW, id="r2", item="v1")
    _open.cloud.invocations.clear()
    return _open


def test_a_required_field_is_fetched_from_its_owner_first(shop: Shop) -> None:
    answer = shop.ask('{ product(id: "1") { shipping(zip: "9") other: shipping insured } }')
    assert answer == {"product": {"shipping": 7.5, "other": 5.0, "insured": True}}
    (asked,) = shop.asked("products")
    assert "dimensions" in asked
    assert "price" in asked
    assert len(shop.asked("inventory")) == 1


def test_a_provided_field_costs_no_further_request(shop: Shop) -> None:
    answer = shop.ask('{ review(id: "r1") { author { name } } }')
    assert answer == {"review": {"author": {"name": "Ann as she was"}}}
    assert shop.asked("users") == []


def test_a_page_of_a_view_provides_its_fields(shop: Shop) -> None:
    query = (
        '{ reviewers(item: "1") { nodes { name } edges { node { name made } } pageInfo { hasNextPage } } }'
    )
    assert shop.ask(query)["reviewers"] == {
        "nodes": [{"name": "Ann as she was"}],
        "edges": [{"node": {"name": "Ann as she was", "made": 0}}],
        "pageInfo": {"hasNextPage": False},
    }


def test_the_owner_and_those_who_refer_to_it_list_an_entity_alike(shop: Shop) -> None:
    assert shop.ask("{ members { nodes { name } } }") == {"members": {"nodes": [{"name": "Ann"}]}}


def test_what_is_not_provided_comes_from_the_owner_by_another_key(shop: Shop) -> None:
    answer = shop.ask('{ review(id: "r1") { author { id joined } } }')
    assert answer == {"review": {"author": {"id": "u1", "joined": "2026-01-31"}}}


def test_an_overridden_field_is_answered_by_its_new_owner(shop: Shop) -> None:
    assert shop.ask('{ product(id: "1") { title delivery } }') == {
        "product": {"title": "lamp boxed", "delivery": "by bike"}
    }
    assert "delivery" not in shop.asked("products")[0]


def test_a_compound_key_finds_its_row(shop: Shop) -> None:
    answer = shop.ask('{ user(id: "u1") { favourite { title price } } }')
    assert answer == {"user": {"favourite": {"title": "lamp boxed", "price": 120}}}


def test_a_nested_key_finds_its_rows_in_their_order_and_null_for_the_missing(shop: Shop) -> None:
    shop.ask(PRODUCT, id="2", sku="chair", weight=9, price=10)
    answer = shop.ask("{ stocked { sku title } }")
    assert answer == {"stocked": [{"sku": "lamp", "title": "lamp boxed"}, None]}


def test_an_interface_object_adds_a_field_to_every_implementation(shop: Shop) -> None:
    answer = shop.ask('{ item(id: "v1") { __typename title score reviews { id about { title } } } }')
    assert answer["item"] == {
        "__typename": "Voucher",
        "title": "20 off",
        "score": 2,
        "reviews": [{"id": "r2", "about": {"title": "20 off"}}],
    }


def test_a_reference_to_an_interface_finds_the_type_that_it_is(shop: Shop) -> None:
    for id, found in (("r1", {"__typename": "Product", "sku": "lamp"}), ("r2", {"__typename": "Voucher"})):
        query = "query($id: ID!) { review(id: $id) { about { __typename ... on Product { sku } } } }"
        assert shop.ask(query, id=id) == {"review": {"about": found}}


def test_a_field_of_an_interface_is_answered_for_whatever_is_referred_to(shop: Shop) -> None:
    about = "__typename label(loud: true) ... on Voucher { worth }"
    query = f"query($id: ID!) {{ review(id: $id) {{ about {{ {about} }} }} }}"
    assert shop.ask(query, id="r1") == {"review": {"about": {"__typename": "Product", "label": "LAMP BOXED"}}}
    assert shop.ask(query, id="r2") == {
        "review": {"about": {"__typename": "Voucher", "label": "20 OFF", "worth": 20}}
    }


def test_the_members_of_a_union_are_completed_by_other_services(shop: Shop) -> None:
    query = """{ found(id: "1") {
      __typename
      ... on Product { delivery shipping reviews { id } }
      ... on Voucher { worth reviews { id } }
    } }"""
    assert shop.ask(query) == {
        "found": [
            {"__typename": "Product", "delivery": "by bike", "shipping": 5.0, "reviews": [{"id": "r1"}]},
            {"__typename": "Voucher", "worth": 20, "reviews": [{"id": "r2"}]},
        ]
    }


def test_what_is_inaccessible_is_no_field_for_clients(shop: Shop) -> None:
    (error,) = shop.send('{ product(id: "1") { margin } }').body["errors"]
    assert "margin" in error["message"]
    assert "margin" not in shop.supergraph.public_sdl


def test_a_custom_directive_reaches_the_supergraph(shop: Shop) -> None:
    assert "@audited(level: 3)" in shop.supergraph.sdl


@pytest.fixture(scope="module")
def marked(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Services whose directives speak to routers."""
    shop = open_shop(node, MARKED, tmp_path_factory.mktemp("marked"))
    yield shop
    shop.router.close()
    shop.cloud.close()


@pytest.mark.parametrize(
    "text",
    [
        "told: String @join__field(graph: STALLS) @authenticated",
        '@requiresScopes(scopes: [["read", "tell"], ["all"]])',
        '@policy(policies: [["friends"]])',
        "@cost(weight: 3)",
        "@listSize(requireOneSlicingArgument: false, assumedSize: 5)",
        'contextArguments: [{context: "stalls__stall", name: "currency"',
        'override: "stalls", overrideLabel: "percent(100)"',
    ],
)
def test_what_speaks_to_routers_reaches_the_supergraph(marked: Shop, text: str) -> None:
    assert text in marked.supergraph.sdl


def test_a_label_moves_its_part_of_the_requests(marked: Shop) -> None:
    answer = marked.ask('{ stall(id: "s") { goods { left kept } } }')
    assert answer == {"stall": {"goods": [{"left": 99, "kept": 0}]}}


def test_what_this_router_does_not_enforce_the_rule_of_the_subgraph_does(marked: Shop) -> None:
    assert marked.ask("{ scoped }") == {"scoped": "scoped"}
    assert marked.send("{ agreed }").code == "FORBIDDEN"


def test_an_argument_from_a_context_is_none_of_the_clients(marked: Shop) -> None:
    answer = marked.ask('{ stall(id: "s") { goods { tagPrice } } }')
    assert answer == {"stall": {"goods": [{"tagPrice": "7 None"}]}}
    (error,) = marked.send('{ stall(id: "s") { goods { tagPrice(currency: "X") } } }').body["errors"]
    assert "currency" in error["message"]


@pytest.mark.parametrize(
    ("bearable", "heavy", "cost"),
    [
        ("{ takings }", "{ takings again: takings }", 12_000),
        ("{ stall(id: 1) { sold { id } } }", "{ stall(id: 1) { sold { id price } } }", 10_002),
    ],
)
def test_weights_and_assumed_sizes_count_for_what_an_operation_costs(
    marked: Shop, bearable: str, heavy: str, cost: int
) -> None:
    marked.ask(bearable)
    refused = marked.send(heavy)
    assert refused.code == "LIMIT_EXCEEDED"
    assert f"cost is {cost}," in refused.error["message"]
