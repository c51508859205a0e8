"""The router tells what clients ask, once each and without anything of a user in it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from graphql import build_schema, parse, print_ast, validate

from framework.tests.router.fakes import FakeLambda, Invocation, RouterProcess, claims, get, post
from thestack.contract.composition import Supergraph

Start = Callable[..., RouterProcess]


def answer(invocation: Invocation) -> Mapping[str, Any]:
    return {"data": {"version": "1", "todo": None, "createTodo": None, "todos": {"nodes": []}}}


@pytest.fixture
def fresh(cloud: FakeLambda, start: Start) -> RouterProcess:
    """A router that has been asked nothing."""
    cloud.functions.update({"todo-fn": answer, "media-fn": answer})
    return start()


def test_an_operation_is_told_once_for_each_client(fresh: RouterProcess) -> None:
    query = "query Version { version }"
    for _ in range(3):
        fresh.send(post(query, caller=claims()))
    fresh.send(post("query   Version {\n  version\n}", caller=claims("bob")))
    assert [each["client"] for each in fresh.recorded] == ["web"]
    (told,) = fresh.recorded
    assert print_ast(parse(told["text"])) == print_ast(parse(query))
    assert len(told["hash"]) == 12
    fresh.send(post(query, caller={**claims(), "client_id": "app"}))
    fresh.send(post(query, caller=claims(), headers={"graphql-client-name": "watch-2.1"}))
    fresh.send(post(query, path="/public/graphql"))
    assert [each["client"] for each in fresh.recorded] == ["web", "app", "watch-2.1", "anonymous"]
    assert len({each["hash"] for each in fresh.recorded}) == 1


@pytest.mark.parametrize("name", ["", "..", "../../etc", "a" * 65, "with space", "ü"])
def test_a_name_that_is_none_is_not_taken(fresh: RouterProcess, name: str) -> None:
    fresh.send(post("{ version }", caller=claims(), headers={"graphql-client-name": name}))
    assert [each["client"] for each in fresh.recorded] == ["web"]


def test_nothing_of_a_user_is_told(fresh: RouterProcess, supergraph: Supergraph) -> None:
    mutation = """
    # written by alice
    mutation Make($status: Status = OPEN, $title: String = "alice's mail") {
      alice: createTodo(title: "alice@example.com", status: $status) { ...Part }
      bob: createTodo(title: $title, status: DONE) { ...Part }
    }
    fragment Part on Todo { alice: title @include(if: true) id }
    """
    query = """query Q($id: ID!) {
      todo(id: 4711) { id } other: todo(id: $id) { id } todos(first: 99, after: "X9") { nodes { id } }
    }"""
    fresh.send(post(mutation, {"title": "variable secret"}, caller=claims()))
    fresh.send(post(query, {"id": "variable secret"}, caller=claims()))
    assert len(fresh.recorded) == 2
    everything = json.dumps([each["text"] for each in fresh.recorded])
    for word in ("alice", "bob", "4711", "99", "X9", "secret"):
        assert word not in everything
    schema = build_schema(supergraph.public_sdl)
    for each in fresh.recorded:
        assert validate(schema, parse(each["text"])) == []
    assert 'createTodo(title: "", status: $status)' in fresh.recorded[0]["text"]
    assert 'todos(first: 0, after: "")' in fresh.recorded[1]["text"]


def test_values_do_not_make_another_operation(fresh: RouterProcess) -> None:
    for number in range(5):
        fresh.send(post(f'query One {{ a{number}: todo(id: "t{number}") {{ id }} }}', caller=claims()))
    assert len(fresh.recorded) == 1


def test_of_a_document_the_operation_that_was_asked_is_told_with_its_fragments(fresh: RouterProcess) -> None:
    document = """
    query A { todo(id: 1) { ...Row } }
    query B { todo(id: 1) { ...Other } }
    fragment Row on Todo { ...Id title }
    fragment Other on Todo { title }
    fragment Id on Todo { id }
    """
    fresh.send(post(document, caller=claims(), operationName="A"))
    (told,) = fresh.recorded
    assert all(word in told["text"] for word in ("query A", "fragment Row", "fragment Id"))
    assert not any(word in told["text"] for word in ("query B", "fragment Other"))
    fresh.send(post(document, caller=claims(), operationName="B"))
    assert "query B" in fresh.recorded[1]["text"]


def test_what_was_not_executed_is_not_told(fresh: RouterProcess) -> None:
    fresh.send(post("{ nothing }", caller=claims()))
    fresh.send(post("{ todo(id: 1) { id } }", path="/public/graphql"))
    fresh.send(post("{ version }"))
    fresh.send(post("{ __typename }", caller=claims()))
    assert fresh.recorded == []
    fresh.send(get("query=%7Bversion%7D", caller=claims()))
    assert [each["text"] for each in fresh.recorded] == ["{\n  version\n}"]


def test_what_is_told_is_bounded(fresh: RouterProcess) -> None:
    waiting = [
        fresh.submit(post(f"query Number{number} {{ version }}", caller=claims())) for number in range(600)
    ]
    assert all(each.result(60).status == 200 for each in waiting)
    assert len(fresh.recorded) == 500
