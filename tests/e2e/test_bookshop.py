"""The bookshop, which uses the whole language, runs on the local stack beside the services here."""

import json
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.checkout import ROOT, copy_checkout
from thestack.local.description import LocalStack
from thestack.local.signin import sign_in, sign_up
from thestack.local.stack import start
from thestack.testing.client import Client
from thestack.testing.waiting import eventually

BOOKSHOP = ROOT / "examples/bookshop/services"
MAKE = """mutation($name: String!, $genre: Genre!) {
  createBook(input: {name: $name, genre: $genre, price: "9.50", shipsFrom: {street: "Elm", city: "Bern"}}) {
    id price createdAt
  }
}"""
WHOLE = """query($id: ID!) {
  book(id: $id) {
    name genre price isbn boughtFor shipsFrom { city }
    edition { title weight shipping(express: true) offers delivery stars }
  }
}"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack of its own with the bookshop and its publisher."""
    root = copy_checkout(tmp_path_factory.mktemp("bookshop") / "checkout")
    for service in BOOKSHOP.iterdir():
        shutil.copytree(service, root / "services" / service.name)
    with start(root, report=lambda _: None) as (stack, _):
        yield stack


@pytest.fixture(scope="module")
def clients(shop: LocalStack) -> Iterator[dict[str, Client]]:
    with httpx.Client() as http:
        made: dict[str, Client] = {}
        for name, group in (("alice", None), ("bob", None), ("sam", "staff")):
            sign_up(shop, f"{name}@example.com", group=group)
            made[name] = Client(shop, http, sign_in(shop, f"{name}@example.com"))
        yield made


def data(client: Client, query: str, **variables: Any) -> Any:
    answer = client.ask(query, **variables)
    assert "errors" not in answer, answer
    return answer["data"]


@pytest.fixture(scope="module")
def book(shop: LocalStack, clients: dict[str, Client]) -> str:
    """The id of an essay of alice's, which is printed."""
    name = f"/{shop.environment}/bookshop/payment-key"
    shop.client("ssm").put_parameter(Name=name, Value="twelve chars", Type="SecureString")
    shop.client("secretsmanager").create_secret(
        Name=f"{shop.environment}/bookshop/payment-salt", SecretString="salt"
    )
    id: str = data(clients["alice"], MAKE, name="Essays", genre="ESSAY")["createBook"]["id"]
    print_it = """mutation($id: ID!) {
      printOf(id: $id, input: {edition: "e1", title: "Essays, first edition"}) { id }
    }"""
    data(clients["alice"], print_it, id=id)
    publish = 'mutation { publish(id: "e1", isbn: "978", title: "Essays, first edition", weight: 3) { id } }'
    data(clients["sam"], publish)
    return id


def test_a_book_is_answered_with_what_other_services_know_of_it(
    book: str, clients: dict[str, Client]
) -> None:
    def printed() -> Any:
        found = data(clients["alice"], WHOLE, id=book)["book"]
        return found if found["isbn"] else None

    found = eventually(printed, what="the print run is noted")
    assert found == {
        "name": "Essays",
        "genre": "ESSAY",
        "price": "9.50",
        "isbn": "100 copies",
        "boughtFor": None,
        "shipsFrom": {"city": "Bern"},
        "edition": {
            "title": "Essays, first edition",
            "weight": 3,
            "shipping": 9,
            "offers": 1,
            "delivery": "by bicycle",
            "stars": 3,
        },
    }


def test_a_name_is_used_once_and_a_deleted_book_comes_back(clients: dict[str, Client]) -> None:
    alice = clients["alice"]
    id = data(alice, MAKE, name="Emma", genre="NOVEL")["createBook"]["id"]
    again = alice.ask(MAKE, name="Emma", genre="NOVEL")
    assert [error["extensions"]["code"] for error in again["errors"]] == ["TAKEN"]
    data(alice, "mutation($id: ID!) { deleteBook(id: $id) { id } }", id=id)
    restored = data(alice, "mutation($id: ID!) { restoreBook(id: $id) { name } }", id=id)
    assert restored == {"restoreBook": {"name": "Emma"}}
    shelf = '{ shelf(where: {name: {beginsWith: "Em"}}) { nodes { name } } }'
    assert data(alice, shelf) == {"shelf": {"nodes": [{"name": "Emma"}]}}
    assert data(alice, "{ ofGenre(genre: NOVEL) { nodes { id } } }") == {"ofGenre": {"nodes": [{"id": id}]}}


def test_what_is_bought_is_packed_paid_told_and_mailed(book: str, clients: dict[str, Client]) -> None:
    bob, sam, alice = clients["bob"], clients["sam"], clients["alice"]
    seen = bob.ask(WHOLE, id=book)
    assert (seen["data"]["book"]["name"], seen["data"]["book"]["boughtFor"]) == ("Essays", None)
    assert [error["extensions"]["code"] for error in seen["errors"]] == ["FORBIDDEN"]
    buyer = data(bob, "mutation($id: ID!) { fillBasket(book: $id) }", id=book)["fillBasket"]
    bought = data(bob, "mutation($id: ID!) { buy(id: $id, number: 1) { __typename } }", id=book)
    assert bought["buy"]["__typename"] == "Order"
    rows = "query($buyer: ID!) { boughtBy(buyer: $buyer) { __typename ... on Line { place } } }"

    def packed() -> list[str]:
        lines = data(sam, rows, buyer=buyer)["boughtBy"]
        return [line["place"] for line in lines if line.get("place", "").startswith("packed")]

    (receipt,) = eventually(packed, what="the order is packed")
    assert receipt == f"packed: {buyer} paid 9.50 with 16"
    mails = "{ sentEmails(first: 5) { nodes { subject } } }"

    def praised() -> list[str]:
        return [node["subject"] for node in data(alice, mails)["sentEmails"]["nodes"]]

    assert eventually(praised, what="the seller is told") == ["Sold: Essays"]


def test_every_event_is_counted_and_what_lies_on_the_default_bus_heard(
    book: str, shop: LocalStack, clients: dict[str, Client]
) -> None:
    detail = {"parcelId": "1", "arrivedOn": "2026-01-02", "shop": shop.environment, "more": {"to": "come"}}
    put = {"Source": "com.example.parcels", "DetailType": "Parcel State Change"}
    entries = [
        {**put, "Detail": json.dumps({**detail, "state": "ARRIVED"})},
        {**put, "Detail": json.dumps({**detail, "state": "LOST"})},
        {**put, "Detail": json.dumps({**detail, "state": "ARRIVED", "shop": "another"})},
    ]
    shop.client("events").put_events(Entries=entries)

    def told(name: str) -> int:
        query = "query($name: String!) { timesTold(name: $name) }"
        return int(data(clients["sam"], query, name=name)["timesTold"])

    assert eventually(lambda: told("parcels"), what="a parcel is heard of") == 1
    assert eventually(lambda: told("edition.printed"), what="the publisher's event is counted") == 1


def test_a_cover_is_shown_once_somebody_looked_at_it(book: str, clients: dict[str, Client]) -> None:
    offer = "mutation($book: ID!) { offerCover(book: $book) { url fields { name value } } }"

    def post(data: bytes) -> int:
        form = clients["alice"].ask(offer, book=book)["data"]["offerCover"]
        fields = {each["name"]: each["value"] for each in form["fields"]}
        return httpx.post(form["url"], data=fields, files={"file": data}).status_code

    cover = "query($book: ID!) { cover(book: $book) }"
    assert post(b"\xff\xd8\xff and more") == httpx.codes.NO_CONTENT

    def look() -> str:
        return (clients["alice"].ask(cover, book=book)["data"] or {}).get("cover") or ""

    assert httpx.get(eventually(look)).content == b"\xff\xd8\xff and more"
    answer = clients["bob"].ask(cover, book=book)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
