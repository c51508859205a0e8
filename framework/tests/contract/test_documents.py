"""The documents of a whole system: one for programs, by what AsyncAPI says, and one for people."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.analytics import service as analytics
from services.media import service as media
from services.notifications import service as notifications
from services.todo import service as todo
from thestack.contract.asyncapi import asyncapi
from thestack.contract.building import contract_of
from thestack.contract.catalogue import catalogue
from thestack.contract.promise import World
from thestack.definition.module import model_of

ROOT = Path(__file__).resolve().parents[3]
SPECIFICATION = ROOT / ".stack/devtools/node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"


@pytest.fixture(scope="module")
def world() -> World:
    contracts = [contract_of(model_of(each)) for each in (analytics, media, notifications, todo)]
    return {each.service: each for each in contracts}


@pytest.fixture(scope="module")
def document(world: World) -> Any:
    return json.loads(json.dumps(asyncapi(world)))


def pointed(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [each for value in part.values() for each in references(value)]
    return [each for value in part for each in references(value)] if isinstance(part, list) else []


def test_it_is_what_asyncapi_says_of_a_document(document: Any) -> None:
    jsonschema.Draft7Validator(json.loads(SPECIFICATION.read_text())).validate(document)


def test_every_reference_leads_somewhere(document: Any) -> None:
    found = references(document)
    assert len(found) > 40
    for reference in found:
        pointed(document, reference)


def test_who_says_and_who_hears_are_operations_of_one_channel(document: Any) -> None:
    channel = {"$ref": "#/channels/media.deleted"}
    of_it = {
        name: each["action"] for name, each in document["operations"].items() if each["channel"] == channel
    }
    assert of_it == {"media.says.media.deleted": "send", "todo.media_deleted.media.deleted": "receive"}
    assert document["channels"]["notifications.email"]["address"] == "notifications/email"
    assert document["operations"]["todo.sends.notifications.email"]["action"] == "send"


def test_its_version_changes_with_what_is_said_and_with_nothing_else(world: World, document: Any) -> None:
    again = dict(reversed(world.items()))
    assert asyncapi(again)["info"]["version"] == document["info"]["version"]
    fewer = {name: each for name, each in world.items() if name != "media"}
    assert asyncapi(fewer)["info"]["version"] != document["info"]["version"]


def test_the_catalogue_names_who_hears_an_event_and_who_sends_a_message(world: World) -> None:
    page = catalogue(world)
    _, _, entry = page.partition("### media.deleted v1\n")
    assert "Heard by: todo.media_deleted, analytics.count\n" in entry
    _, _, entry = page.partition("### notifications/email v1\n")
    assert "Sent by: notifications, todo. Taken by: notifications.send_email\n" in entry
    assert "| to_user | string | |" in entry
