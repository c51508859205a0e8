"""The map says what the contracts say: of this project, and of services that were made up for it."""

from pathlib import Path
from typing import Any

from thestack.contract.promise import Contract, EntityShape, Heard, Said, Sent
from thestack.contract.service_map import service_map
from thestack.deployment.site import services_of

ROOT = Path(__file__).parents[3]


def links(drawn: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {(each["kind"], each["from"], each["to"], each["name"]) for each in drawn["links"]}


def test_it_has_each_kind_of_link() -> None:
    shop = Contract(
        "shop",
        "Sells.",
        sdl='type Query { a: Book }\ntype Book @key(fields: "id") { id: ID! }',
        says=(Said("book.sold", 1, {}), Said("book.sold", 2, {})),
        sends=(Sent("post/parcels", 1, {}),),
        entities=(EntityShape("Book", ("id",), None, (("id",),), (), {}),),
    )
    critics = Contract("critics", sdl='type Book @key(fields: "id") { id: ID! stars: Int }')
    post = Contract(
        "post",
        takes=(Said("post/parcels", 1, {}),),
        hears=(
            Heard("book.sold", "shop", 2, {2: {}}, ("note",)),
            Heard("post/parcels", "post", 1, {1: {}}, ("carry",)),
            Heard("book.lost", "shop", 1, {1: {}}, ("note",)),  # which nobody says any more
        ),
    )
    drawn = service_map({each.service: each for each in (shop, post, critics, Contract("platform"))})
    assert [each["name"] for each in drawn["services"]] == ["critics", "post", "shop"]
    assert drawn["services"][2]["says"] == ["book.sold"]
    assert links(drawn) == {
        ("event", "shop", "post", "book.sold"),
        ("message", "shop", "post", "post/parcels"),
        ("join", "shop", "critics", "Book"),
    }


def test_it_is_drawn_of_this_projects_contracts() -> None:
    drawn = services_of(ROOT)
    assert {each["name"] for each in drawn["services"]} == {"analytics", "media", "notifications", "todo"}
    assert {
        ("event", "todo", "analytics", "todo.created"),
        ("message", "todo", "notifications", "notifications/email"),
        ("join", "media", "todo", "Media"),
        ("join", "todo", "notifications", "Todo"),
    } <= links(drawn)
