"""JSON Schemas of what a service says and takes, from its ServiceModel: what others may rely on."""

from collections.abc import Iterable
from typing import Any

from thestack.definition.model import EventModel, MessageModel, ServiceModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def event_schemas(model: ServiceModel) -> dict[str, dict[str, Any]]:
    """The schema of each event's data, by "name.vN": `todo.created.v1`."""
    return {f"{event.name}.v{event.version}": _schema(event) for event in model.events}


def message_schemas(model: ServiceModel) -> dict[str, dict[str, Any]]:
    """The schema of each message's data that the service takes, by its queue's address:
    `notifications/email`.
    """
    return {message.address: _schema(message) for message in _by_version(model.messages)}


def read_schemas(model: ServiceModel) -> dict[str, dict[str, Any]]:
    """The schema of what the service reads of others' events and writes into others' queues, by name or
    address.
    """
    events = {f"{event.name}.v{event.version}": _schema(event) for event in model.foreign_events}
    messages = {message.address: _schema(message) for message in _by_version(model.foreign_messages)}
    return events | messages


def _by_version(messages: Iterable[MessageModel]) -> list[MessageModel]:
    """The newest last: of one queue it is the one that counts."""
    return sorted(messages, key=lambda message: message.version)


def _schema(said: EventModel | MessageModel) -> dict[str, Any]:
    """Draft 2020-12, of the data within the CloudEvent, in the form in which it is written."""
    schema: dict[str, Any] = said.type.model_json_schema(by_alias=False, mode="serialization")
    return {"$schema": DIALECT, **schema}
