"""The list of one's uploads, of both kinds by one order."""

from datetime import timedelta

import pytest

from services.media.tests.uploads import ALICE, BOB, Client

LIST = """query ($first: Int!, $after: String) { myMedia(first: $first, after: $after) {
  nodes { __typename id } pageInfo { hasNextPage hasPreviousPage endCursor }
} }"""

KINDS = {"i": ("IMAGE", "image/png"), "v": ("VIDEO", "video/mp4")}


@pytest.fixture
def client() -> Client:
    return Client()


async def begun(client: Client, kinds: str) -> list[str]:
    """The ids of uploads that were begun one after the other, latest first."""
    made: list[str] = []
    for kind in kinds:
        form = (
            await client.form("IMAGE", "image/png", 1)
            if kind == "i"
            else await client.form("VIDEO", "video/mp4", 1)
        )
        made.insert(0, form["mediaId"])
        client.harness.clock.advance(timedelta(seconds=1))
    return made


@pytest.mark.parametrize("kinds", ["", "i", "vv", "iivv", "vvii", "ivivivi", "viiiiiiv"])
@pytest.mark.parametrize("first", [1, 2, 3])
async def test_pages_of_any_size_make_the_whole_list(client: Client, kinds: str, first: int) -> None:
    expected = await begun(client, kinds)
    found, after, more = list[str](), None, True
    while more:
        page = (await client.ask(LIST, first=first, after=after))["myMedia"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        found += [each["id"] for each in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert len(page["nodes"]) == first or not more
    assert found == expected


async def test_a_list_is_of_ones_own_uploads(client: Client) -> None:
    await begun(client, "iv")
    page = (await client.ask(LIST, ALICE, first=10))["myMedia"]
    assert [each["__typename"] for each in page["nodes"]] == ["Video", "Image"]
    assert (await client.ask(LIST, BOB, first=10))["myMedia"]["nodes"] == []


@pytest.mark.parametrize("cursor", ["x", "W10=", "WzEsMl0=", "W251bGxd", "[null,null]", "WyJ4IiwieCJd"])
async def test_what_is_no_cursor_is_the_clients_mistake(client: Client, cursor: str) -> None:
    assert (await client.code(LIST, first=1, after=cursor))[0] == "BAD_USER_INPUT"
