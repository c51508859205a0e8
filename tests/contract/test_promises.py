"""The SDL and the schemas that a definition promises."""

from types import ModuleType

import pytest
from graphql import build_schema

from services.analytics import service as analytics
from services.notifications import service as notifications
from services.todo import service as todo
from thestack.contract.building import contract_of
from thestack.contract.files import contract_files, from_json, read_contract, to_json
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
    schemas = {(each.name, each.version): each.schema for each in contract_of(model_of(todo)).says}
    assert set(schemas) == {(f"todo.{each}", 1) for each in ("attached", "completed", "created", "deleted")}
    created = schemas["todo.created", 1]
    assert created["$schema"].endswith("2020-12/schema")
    assert set(created["required"]) == {"todo_id", "owner_id", "created_at"}
    assert created["additionalProperties"] is False
    taken = {"notifications/email", "notifications/push", "notifications/reminders"}
    assert {each.name for each in contract_of(model_of(notifications)).takes} == taken


def test_what_is_read_of_others_is_partial() -> None:
    (heard,) = (each for each in contract_of(model_of(analytics)).hears if each.name == "todo.created")
    read = heard.schemas[1]
    assert set(read["required"]) == {"todo_id", "created_at"}
    assert read.get("additionalProperties", True) is True
    sent = {each.name: each.version for each in contract_of(model_of(todo)).sends}
    assert sent == {"notifications/email": 1, "notifications/reminders": 1, "todo/detaching": 1}


@pytest.mark.parametrize("module", [todo, notifications, analytics])
def test_a_contract_is_read_back_from_its_files_and_from_its_text(module: ModuleType) -> None:
    contract = contract_of(model_of(module))
    assert read_contract(contract_files(contract)) == contract
    assert from_json(to_json(contract)) == contract
