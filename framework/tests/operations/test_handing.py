"""What a handler is handed by hand: requests and envelopes made of the repository's own definitions."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from thestack.contract import sdl
from thestack.definition.load import models
from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.operations.handing import WrongEvent, envelope, hook_event, http_event, request
from thestack.ports import Envelope

ROOT = Path(__file__).parents[3]
EVENT = {"todo_id": "1", "owner_id": "u", "created_at": "2026-01-02T03:04:05Z"}
MAIL = {"to_user": "u", "about": "1", "subject": "s", "text": "t"}


@pytest.fixture(scope="module")
def services() -> dict[str, ServiceModel]:
    return {model.name: model for model in models(ROOT)}


def consumer(model: ServiceModel) -> ConsumerModel:
    return model.consumers[0]


def asked(model: ServiceModel, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    operation = next(each for each in model.operations if each.handler.name == name)
    made = request(model, operation, arguments)
    assert validate(build_schema(sdl.executable(model)), parse(made["query"])) == []
    return made


def test_a_hook_is_handed_a_request_as_the_api_writes_it() -> None:
    given = {"query": {"token": "a b"}, "form": {"List-Unsubscribe": "One-Click"}, "headers": {"x": "y"}}
    event = hook_event(given, "main", "/public/hooks/main/notes/call", "invoke-1")
    assert event["requestContext"] == {
        "http": {"method": "POST", "path": "/public/hooks/main/notes/call"},
        "requestId": "invoke-1",
    }
    assert event["rawQueryString"] == "token=a+b"
    assert event["headers"] == {"x": "y", "content-type": "application/x-www-form-urlencoded"}
    assert event["body"] == "List-Unsubscribe=One-Click"
    assert hook_event({}, "main", "/", "1")["requestContext"]["http"]["method"] == "GET"
    assert hook_event({"body": {"a": 1}}, "main", "/", "1")["body"] == '{"a": 1}'
    with pytest.raises(WrongEvent, match="no 'quary'"):
        hook_event({"quary": {}}, "main", "/", "1")


def test_a_mutation_asks_for_the_plain_fields_of_its_answer(services: dict[str, ServiceModel]) -> None:
    made = asked(services["todo"], "complete_todo", {"id": "1"})
    assert made["query"] == (
        "mutation Invoke($id: ID!) "
        "{ completeTodo(id: $id) { id ownerId title createdAt status dueAt overdue } }"
    )
    assert made["variables"] == {"id": "1"}


def test_a_connection_is_asked_for_its_nodes(services: dict[str, ServiceModel]) -> None:
    made = asked(services["todo"], "todos", {"first": 2, "where": {"status": ["OPEN"]}})
    assert made["query"].startswith("query Invoke($first: Int, $where: TodoFilter) { todos(first: $first")
    assert "{ nodes { id " in made["query"]
    assert "pageInfo { hasNextPage endCursor }" in made["query"]
    assert asked(services["todo"], "todos", {})["query"].startswith("query Invoke { todos { nodes {")


def test_every_operation_can_be_asked(services: dict[str, ServiceModel]) -> None:
    for model in services.values():
        schema = build_schema(sdl.executable(model))
        for operation in model.operations:
            root = schema.mutation_type if operation.writes else schema.query_type
            assert root
            everything = dict.fromkeys(root.fields[operation.graphql].args)
            asked(model, operation.handler.name, everything)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"idd": "1"}, "completeTodo has no argument 'idd'. Did you mean `id`?"),
        ({}, "completeTodo needs the argument 'id', of type ID!"),
    ],
)
def test_wrong_arguments(services: dict[str, ServiceModel], arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(WrongEvent) as wrong:
        asked(services["todo"], "complete_todo", arguments)
    assert str(wrong.value) == words


def test_an_event_holds_the_claims_where_the_authorizer_would_put_them() -> None:
    event = http_event({"query": "{ x }"}, None, "c-12345678")
    assert "authorizer" not in event["requestContext"]
    assert event["headers"]["x-correlation-id"] == "c-12345678"


def test_data_gets_an_envelope(services: dict[str, ServiceModel]) -> None:
    model = services["analytics"]
    made = envelope(model, consumer(model), EVENT, "todo.created", "acme")
    assert (made.type, made.version, made.source, made.tenant) == ("todo.created", 1, "todo", "acme")
    assert (made.data, made.correlation_id) == (EVENT, f"invoke-{made.id}")
    mailing = services["notifications"]
    (send,) = (each for each in mailing.consumers if each.name == "send_email")
    other = envelope(mailing, send, MAIL, None, "acme")
    assert (other.type, other.source) == ("notifications/email", "invoke")
    assert other.id != made.id


def test_whoever_hears_every_event_can_be_handed_one_of_any_type(services: dict[str, ServiceModel]) -> None:
    model = services["analytics"]
    made = envelope(model, consumer(model), {"a": 1}, "never.seen", "acme")
    assert (made.type, made.version, made.source, made.data) == ("never.seen", 1, "invoke", {"a": 1})


def test_a_cloud_event_stays_as_it_is(services: dict[str, ServiceModel]) -> None:
    model = services["analytics"]
    whole = envelope(model, consumer(model), EVENT, "todo.created", "acme")
    assert envelope(model, consumer(model), json.loads(whole.to_json()), None, "other") == whole
    assert Envelope.from_json(whole.to_json()) == whole


@pytest.mark.parametrize(
    ("given", "type", "words"),
    [
        (EVENT, None, "count hears every event; say which with --type, or hand it a whole CloudEvent"),
        ({"todo_id": "u"}, "todo.created", "the data is no TodoCreated: created_at: Field required"),
        ({"specversion": "1.0"}, None, "not a CloudEvent of ours: attribute 'id' is missing"),
    ],
)
def test_what_a_consumer_can_not_take(
    services: dict[str, ServiceModel], given: dict[str, Any], type: str | None, words: str
) -> None:
    model = services["analytics"]
    with pytest.raises(WrongEvent) as wrong:
        envelope(model, consumer(model), given, type, "acme")
    assert str(wrong.value) == words
