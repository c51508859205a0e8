"""`thestack dev` runs the source: what is saved is served, and what is wrong is said."""

import asyncio
import shutil
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from tests.checkout import copy_checkout
from tests.e2e.development import Dev, developing
from tests.e2e.test_media import uploaded
from tests.e2e.test_new_service import REVIEWS
from tests.e2e.test_subscriptions import wire
from thestack.testing.client import Client
from thestack.testing.waiting import eventually

TODO = "services/todo/service.py"
CREATE = 'mutation { createTodo(input: {title: "Buy milk"}) { id title } }'


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    root = copy_checkout(tmp_path_factory.mktemp("dev") / "checkout")
    with developing(root) as running:
        yield running


@pytest.fixture(scope="module")
def alice(dev: Dev) -> Client:
    return dev.client("alice")


def updated(dev: Dev) -> dict[str, Any]:
    """When each stack was changed last."""
    stacks = dev.stack.client("cloudformation").describe_stacks()["Stacks"]
    return {each["StackName"]: each.get("LastUpdatedTime") for each in stacks}


def test_an_edit_answers_the_next_request(dev: Dev, alice: Client) -> None:
    assert alice.ask(CREATE)["data"]["createTodo"]["title"] == "Buy milk"
    stacks = updated(dev)
    with dev.edited(TODO, "title=input.title", "title=input.title.upper()") as before:
        eventually(lambda: alice.ask(CREATE)["data"]["createTodo"]["title"] == "BUY MILK")
        dev.says("todo serves its new code", before)
    assert updated(dev) == stacks
    assert alice.ask(CREATE)["data"]["createTodo"]["title"] == "Buy milk"


def test_the_pages_are_served_with_the_api_on_their_own_origin(dev: Dev, alice: Client) -> None:
    pages = next(each["pages"] for each in dev.out if "pages" in each)
    assert pages.keys() == {"public", "internal"}
    for url in pages.values():
        assert "<title>" in dev.http.get(f"{url}/any/path").text
        assert dev.http.get(f"{url}/common/style.css").headers["content-type"].startswith("text/css")
        assert dev.http.get(f"{url}/gone.js").status_code == 404
        assert dev.http.get(url, headers={"host": "evil.example"}).status_code == 421
    assert alice.user
    api = pages["public"] + dev.http.get(f"{pages['public']}/config.json").json()["api"]
    headers, asked = {"authorization": f"Bearer {alice.user.access_token}"}, {"query": "{ __typename }"}
    assert dev.http.post(api, json=asked, headers=headers).json()["data"]
    assert dev.http.post(api, json=asked).status_code == 401
    begun = dev.http.get(f"{pages['internal']}/auth/sign-in?to=/a")
    assert begun.status_code == 302
    assert begun.headers["location"].startswith(f"{dev.stack.endpoint}/oauth2/authorize?")


def test_uploads_are_rendered_by_the_source(dev: Dev, alice: Client) -> None:
    """Also where a module changes that one function alone loads, with what is bundled for it alone."""
    query = "query ($id: ID!) { media(id: $id) { renditions { name width } } }"

    def thumb() -> int:
        id, _ = uploaded(alice)
        made = alice.ask(query, id=id)["data"]["media"]["renditions"]
        return next(int(each["width"]) for each in made if each["name"] == "thumb")

    assert thumb() == 256
    with dev.edited("services/media/imaging.py", '"thumb": 256', '"thumb": 100') as before:
        dev.says("media serves its new code", before)
        assert thumb() == 100


def test_a_new_field_is_in_the_supergraph(dev: Dev, alice: Client) -> None:
    alice.ask(CREATE)
    field = "\n\n@service.field()\nasync def shout(todo: Todo, /) -> str:\n    return todo.title.upper()\n"
    query = "{ todos(first: 1) { nodes { shout } } }"
    was = (dev.root / TODO).read_text()
    with dev.edited(TODO, was, was + field):
        answer = eventually(lambda: alice.post(query).json().get("data"))
        assert answer["todos"]["nodes"][0]["shout"] == "BUY MILK"
    assert "Cannot query field" in alice.post(query).text


async def test_a_subscriber_is_told(dev: Dev, alice: Client) -> None:
    async with aiohttp.ClientSession() as http:
        hers = await (await wire(http, dev.stack)).sign_in(alice)
        await hers.say("subscribe", id="1", payload={"query": "subscription { todoCompleted { title } }"})
        await hers.say("ping")
        assert await hers.hear() == {"type": "pong"}
        created = await asyncio.to_thread(alice.ask, CREATE)
        complete = "mutation ($id: ID!) { completeTodo(id: $id) { id } }"
        await asyncio.to_thread(alice.ask, complete, id=created["data"]["createTodo"]["id"])
        told = await hers.hear()
    assert told is not None
    assert told["payload"]["data"] == {"todoCompleted": {"title": "Buy milk"}}


def test_a_mistake_is_shown_and_the_last_good_version_serves(dev: Dev, alice: Client) -> None:
    was = (dev.root / TODO).read_text()
    before = dev.save(TODO, was.replace('key="id"', 'key="idd"').replace("title=input", "title=2 * input"))
    said = dev.says("todo goes on serving its last good version", before)
    assert "error[S0201]: `key` of `Todo` names `idd`" in said
    assert "--> services/todo/service.py:" in said
    assert alice.ask(CREATE)["data"]["createTodo"]["title"] == "Buy milk"
    said = dev.says("todo serves its new code", dev.save(TODO, was))
    assert "todo: no mistakes any more" in said


def test_new_infrastructure_is_an_update_of_that_services_stack_alone(dev: Dev, alice: Client) -> None:
    stacks = updated(dev)
    index, use = (
        'by_created = Index("owner_id"',
        'by_title = Index("owner_id", "title", sort=str)\n    by_created',
    )
    was = (dev.root / TODO).read_text()
    new = was.replace(index, f'{use} = Index("owner_id"') + BY_TITLE
    said = dev.says("todo serves its new code", dev.save(TODO, new))
    assert "todo: its stack has ~ DynamoDB::Table, ~ 4 IAM::Role" in said
    assert {name for name, at in updated(dev).items() if at != stacks[name]} == {"local-todo"}
    for title in ("Walk", "Answer"):
        alice.ask(CREATE.replace("Buy milk", title))
    titles = [each["title"] for each in alice.ask("{ byTitle { title } }")["data"]["byTitle"]]
    assert titles == sorted(titles)
    assert {"Walk", "Answer"} <= {*titles}
    dev.says("todo serves its new code", dev.save(TODO, was))


BY_TITLE = """

@service.query(allow=signed_in)
async def by_title(*, mine: Owned[Todo]) -> list[Todo]:
    return [todo async for todo in mine.each(Todo.by_title)]
"""


def test_a_new_service_is_served_and_a_deleted_one_is_not(dev: Dev, alice: Client) -> None:
    id = alice.ask(CREATE)["data"]["createTodo"]["id"]
    query = "query ($id: ID!) { todo(id: $id) { title reviews { text } } }"
    dev.says("reviews is there", dev.save("services/reviews/service.py", REVIEWS))
    alice.ask('mutation ($id: ID!) { reviewTodo(todoId: $id, text: "Fresh.") { text } }', id=id)
    todo = alice.ask(query, id=id)["data"]["todo"]
    assert todo == {"title": "Buy milk", "reviews": [{"text": "Fresh."}]}
    before = len(dev.said)
    shutil.rmtree(dev.root / "services/reviews")
    dev.says("reviews is gone, with its data", before)
    assert "Cannot query field" in alice.post(query, id=id).text
    assert alice.ask("query ($id: ID!) { todo(id: $id) { title } }", id=id)["data"]["todo"]
    assert "local-reviews" not in updated(dev)


def test_each_function_has_the_rights_of_its_own_role_and_no_others(dev: Dev, alice: Client) -> None:
    alice.ask(CREATE)
    was = (dev.root / TODO).read_text()
    with dev.edited(TODO, was, was + READABLE) as before:
        dev.says("todo serves its new code", before)
        answer = alice.post("{ todos(first: 1) { nodes { readable } } }").json()
    assert answer["data"]["todos"]["nodes"] == [{"readable": ["local-todo", "AccessDeniedException"]}]


READABLE = """

@service.field()
async def readable(todo: Todo, /) -> list[str]:
    from botocore.exceptions import ClientError
    from botocore.session import get_session
    found = []
    for table in ("local-todo", "local-analytics"):
        try:
            get_session().create_client("dynamodb").query(
                TableName=table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": "x"}},
            )
            found.append(table)
        except ClientError as error:
            found.append(error.response["Error"]["Code"])
    return found
"""


def test_a_traceback_ends_at_the_services_own_code(dev: Dev, alice: Client) -> None:
    alice.ask(CREATE)
    fails = """

@service.field()
async def fails(todo: Todo, /) -> str:
    return str(int(todo.title))
"""
    was = (dev.root / TODO).read_text()
    with dev.edited(TODO, was, was + fails) as before:
        dev.says("todo serves its new code", before)
        answer = alice.post("{ todos(first: 1) { nodes { fails } } }").json()
        assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        (error,) = eventually(lambda: [each["error"] for each in dev.out if each.get("error")])
    assert error["type"] == "ValueError"
    assert (
        error["traceback"].rstrip().endswith("ValueError: invalid literal for int() with base 10: 'Buy milk'")
    )
    assert "return str(int(todo.title))" in error["traceback"]
    assert error["traceback"].count('File "') == 1


def test_each_request_event_and_message_is_one_record(dev: Dev, alice: Client) -> None:
    already = len(dev.out)
    id = alice.ask(CREATE)["data"]["createTodo"]["id"]
    alice.ask("mutation ($id: ID!) { completeTodo(id: $id) { id } }", id=id)

    def whos() -> list[tuple[str, str]]:
        return [(each.get("service", ""), each.get("trigger", "")) for each in dev.out[already:]]

    eventually(
        lambda: ("notifications", "send_email") in whos() and whos().count(("analytics", "count")) == 2
    )
    assert whos().count(("router", "http")) == 2
    assert whos().count(("todo", "graphql")) == 2
    for each in dev.out[already:]:
        assert {"service", "trigger", "outcome", "ms"} <= each.keys()
