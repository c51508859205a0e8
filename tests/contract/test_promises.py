"""The SDL and the schemas that a definition promises."""

import pytest
from graphql import build_schema

from services.analytics import service as analytics
from services.notifications import service as notifications
from services.todo import service as todo
from thestack.contract.schemas import event_schemas, message_schemas, read_schemas
from thestack.contract.sdl import executable, subgraph
from thestack.definition.module import model_of


@pytest.mark.parametrize("module", [todo, notifications, analytics])
def test_the_executable_sdl_is_a_schema_with_federations_machinery(module) -> None:
    schema = build_schema(executable(model_of(module)))
    assert schema.query_type
    assert "_service" in schema.query_type.fields
    assert "_entities" in schema.query_type.fields


def test_an_entity_has_its_key_and_root_fields_are_nullable() -> None:
    sdl = subgraph(model_of(todo))
    assert 'type Todo @key(fields: "id") {' in sdl
    assert "createTodo(input: CreateTodo!): Todo\n" in sdl
    assert "todos(where: TodoFilter, first: Int = 20, after: String): TodoConnection\n" in sdl
    assert "overdue: Boolean!" in sdl


def test_a_foreign_entity_that_is_extended_is_resolvable_and_its_new_field_nullable() -> None:
    sdl = subgraph(model_of(notifications))
    assert 'type Todo @key(fields: "id") {' in sdl
    assert "emails: [SentEmail!]\n" in sdl


def test_events_and_messages_have_schemas_in_snake_case() -> None:
    schemas = event_schemas(model_of(todo))
    assert set(schemas) == {f"todo.{each}.v1" for each in ("attached", "completed", "created", "deleted")}
    created = schemas["todo.created.v1"]
    assert created["$schema"].endswith("2020-12/schema")
    assert set(created["required"]) == {"todo_id", "owner_id", "created_at"}
    assert created["additionalProperties"] is False
    taken = {"notifications/email", "notifications/push", "notifications/reminders"}
    assert set(message_schemas(model_of(notifications))) == taken


def test_what_is_read_of_others_is_partial() -> None:
    read = read_schemas(model_of(analytics))["todo.created.v1"]
    assert set(read["required"]) == {"todo_id", "created_at"}
    assert read.get("additionalProperties", True) is True
    assert "notifications/email" in read_schemas(model_of(todo))
