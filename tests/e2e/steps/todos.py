"""What a user does, and what no other user may."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.steps.telling import equal, expect
from tests.e2e.steps.world import World
from thestack.definition import names

CREATE = "mutation ($input: CreateTodo!) { createTodo(input: $input) { id title status ownerId overdue } }"
EDIT = "mutation ($id: ID!, $input: EditTodo!) { editTodo(id: $id, input: $input) { id title dueAt } }"
COMPLETE = "mutation ($id: ID!) { completeTodo(id: $id) { id status } }"
DELETE = "mutation ($id: ID!) { deleteTodo(id: $id) { id } }"
ONE = "query ($id: ID!) { todo(id: $id) { id title status } }"
PAGE = (
    "query ($first: Int!, $after: String, $where: TodoFilter)"
    " { todos(first: $first, after: $after, where: $where)"
    " { edges { cursor node { id title status } } pageInfo { hasNextPage endCursor } } }"
)
JOINED = "query ($id: ID!) { todo(id: $id) { id title status emails { subject sentAt } } }"
ENTITIES = "query ($all: [_Any!]!) { _entities(representations: $all) { ... on Todo { id title } } }"
TITLES = ("buy milk", "write the report", "water the plants", "call the plumber", "book the train")


def create(world: World) -> None:
    """Five todos of alice, one of bob; a title that is too long is refused by its field."""
    due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = [
        world.ask("alice", CREATE, input={"title": title, "dueAt": due}).data["createTodo"]
        for title in TITLES
    ]
    expect(all(todo["ownerId"] == world.people["alice"].id for todo in made), "a todo is not its creator's")
    world.notes["todos"] = [todo["id"] for todo in made]
    world.notes["bobs"] = world.ask("bob", CREATE, input={"title": "bob's own"}).data["createTodo"]["id"]
    wrong = world.ask("alice", CREATE, input={"title": "x" * 201})
    equal(wrong.codes, ["BAD_USER_INPUT"], "code of a title that is too long")
    expect(
        "title" in str(wrong.body["errors"][0]["extensions"].get("field")),
        "the error does not name the field",
    )


def page(world: World) -> None:
    """Two at a time: every todo once, in the order of their creation."""
    found: list[str] = []
    after: str | None = None
    while True:
        connection = world.ask("alice", PAGE, first=2, after=after).data["todos"]
        found += [edge["node"]["id"] for edge in connection["edges"]]
        after = connection["pageInfo"]["endCursor"]
        if not connection["pageInfo"]["hasNextPage"]:
            break
        expect(len(found) <= len(TITLES), "paging does not end")
    equal(found, world.notes["todos"], "the todos on all pages")


def edit(world: World) -> None:
    """What a patch leaves out stays; what it sets to null goes."""
    first = world.notes["todos"][0]
    changed = world.ask("alice", EDIT, id=first, input={"title": "buy oat milk"}).data["editTodo"]
    expect(
        changed["title"] == "buy oat milk" and changed["dueAt"],
        "the title was not changed, or more than that was",
    )
    cleared = world.ask("alice", EDIT, id=first, input={"dueAt": None}).data["editTodo"]
    expect(cleared["dueAt"] is None and cleared["title"] == "buy oat milk", "dueAt was not cleared alone")


def complete(world: World) -> None:
    """Once: the second time is an error with a code. The filter sees it."""
    first = world.notes["todos"][0]
    equal(world.ask("alice", COMPLETE, id=first).data["completeTodo"]["status"], "DONE", "status")
    equal(world.ask("alice", COMPLETE, id=first).codes, ["TODO_ALREADY_DONE"], "code of completing it again")
    for status, wanted in (("DONE", [first]), ("OPEN", world.notes["todos"][1:])):
        connection = world.ask("alice", PAGE, first=10, where={"status": {"eq": status}}).data["todos"]
        equal([edge["node"]["id"] for edge in connection["edges"]], wanted, f"todos with status {status}")


def delete(world: World) -> None:
    """Gone for its owner too."""
    last = world.notes["todos"].pop()
    equal(world.ask("alice", DELETE, id=last).data["deleteTodo"], {"id": last}, "what was deleted")
    _absent(world.ask("alice", ONE, id=last).body, "todo")


def keep_out(world: World) -> None:
    """Bob sees and changes nothing of alice's, on any path; what he is told does not say that it exists."""
    alices = world.notes["todos"][1]
    _absent(world.ask("bob", ONE, id=alices).body, "todo")
    for mutation in (COMPLETE, DELETE):
        equal(world.ask("bob", mutation, id=alices).codes, ["NOT_FOUND"], "code of changing what is alice's")
    equal(
        world.ask("bob", EDIT, id=alices, input={"title": "mine"}).codes, ["NOT_FOUND"], "code of editing it"
    )
    mine = world.ask("bob", PAGE, first=10).data["todos"]["edges"]
    equal([edge["node"]["id"] for edge in mine], [world.notes["bobs"]], "bob's todos")
    asked = [{"__typename": "Todo", "id": alices}]
    expect(bool(world.ask("bob", ENTITIES, all=asked).codes), "the public schema has _entities")
    told = _as_router(world, "bob", ENTITIES, {"all": asked})
    equal(told.get("data", {}).get("_entities"), [None], "what the subgraph itself says to bob by _entities")
    seen = _as_router(world, "alice", ENTITIES, {"all": asked})
    equal(seen["data"]["_entities"][0]["id"], alices, "what it says to alice")
    equal(world.ask("alice", ONE, id=alices).data["todo"]["status"], "OPEN", "alice's todo, afterwards")


def _as_router(world: World, who: str, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Call the todo subgraph as the router does, with somebody's claims."""
    began = time.perf_counter()
    claims = {"sub": world.people[who].id, "tenant": "local", "groups": "", "exp": str(int(time.time()) + 60)}
    event = {
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST"}, "authorizer": {"lambda": claims}},
        "body": json.dumps({"query": query, "variables": variables}),
    }
    function = f"{names.graphql_function(world.stack.environment, 'todo')}:{names.LIVE}"
    answer = world.stack.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    body: dict[str, Any] = json.loads(json.loads(answer["Payload"].read())["body"])
    world.story.current.tell(f"aws lambda invoke {function}, with {who}'s claims: {query}", body, began)
    return body


def _absent(body: dict[str, Any], field: str) -> None:
    codes = [error["extensions"]["code"] for error in body.get("errors", ())]
    expect(
        (body.get("data") or {}).get(field) is None and codes in ([], ["NOT_FOUND"]),
        f"{field} is there: {body}",
    )
