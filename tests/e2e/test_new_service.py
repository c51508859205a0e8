"""Adding a service is writing one file: the supergraph has it, and nothing else was touched."""

from pathlib import Path

import httpx

from tests.checkout import copy_checkout, digests
from thestack.local.signin import sign_in, sign_up
from thestack.local.stack import start
from thestack.testing.client import Client

REVIEWS = '''\
"""Reviews: what users say of their todos."""

import asyncio
from collections.abc import Sequence

from thestack import Caller, Entity, Foreign, Id, Index, Owned, Service, new_id, owner, signed_in

service = Service("reviews")


class Todo(Foreign, service="todo"):
    id: Id


class Review(Entity, key="id", owner="owner_id", allow=owner):
    """What its owner thinks of a todo."""

    id: Id
    owner_id: Id
    todo: Todo
    text: str
    by_todo = Index("owner_id", "todo.id", sort=str)


@service.mutation(allow=signed_in)
async def review_todo(todo_id: Id, text: str, *, mine: Owned[Review], caller: Caller) -> Review:
    return await mine.put(Review(id=new_id(), owner_id=caller.id, todo=Todo(id=todo_id), text=text))


@service.batch_field()
async def reviews(todos: Sequence[Todo], /, *, mine: Owned[Review]) -> list[list[Review]]:
    """What the caller said of the todo."""

    async def of(todo: Todo) -> list[Review]:
        return [review async for review in mine.each(Review.by_todo.equal(todo.id))]

    return list(await asyncio.gather(*(of(todo) for todo in todos)))
'''


def test_one_file_adds_a_service_with_a_field_on_anothers_type(tmp_path: Path) -> None:
    root = copy_checkout(tmp_path / "checkout")
    before = digests(root)
    file = root / "services/reviews/service.py"
    file.parent.mkdir()
    file.write_text(REVIEWS)
    with start(root, report=lambda _: None) as (stack, _), httpx.Client() as http:
        sign_up(stack, "alice@example.com")
        alice = Client(stack, http, sign_in(stack, "alice@example.com"))
        created = alice.ask('mutation { createTodo(input: {title: "Buy milk"}) { id } }')
        id = created["data"]["createTodo"]["id"]
        said = 'mutation ($id: ID!) { reviewTodo(todoId: $id, text: "Well bought.") { todo { title } } }'
        assert alice.ask(said, id=id) == {"data": {"reviewTodo": {"todo": {"title": "Buy milk"}}}}
        answer = alice.ask("{ todos(first: 1) { edges { node { title reviews { text } } } } }")
    node = {"title": "Buy milk", "reviews": [{"text": "Well bought."}]}
    assert answer == {"data": {"todos": {"edges": [{"node": node}]}}}
    after = digests(root)
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} == {
        "services/reviews/service.py"
    }
