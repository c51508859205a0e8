"""The events and messages of all services as one AsyncAPI 3 document (https://www.asyncapi.com).

A channel for each event and each queue; an operation for each service that says or sends, and for each
handler that hears. Payloads are the data within the CloudEvent.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from thestack.contract.promise import Contract, Said, World
from thestack.contract.schemas import DIALECT

VERSION = "3.0.0"
FORMAT = "application/schema+json;version=draft-2020-12"
_DEFS = "#/$defs/"


def asyncapi(world: World) -> dict[str, Any]:
    """The document, as plain data. Its version changes with what services say, take and hear."""
    owned = [(contract, each) for contract in world.values() for each in (*contract.says, *contract.takes)]
    channels: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for contract, said in sorted(owned, key=lambda each: (each[1].name, each[1].version)):
        channel = channels.setdefault(_id(said.name), {"address": said.name, "messages": {}, **_of(contract)})
        channel["messages"][f"v{said.version}"] = {"$ref": f"#/components/messages/{_key(said)}"}
        messages[_key(said)] = _message(said)
        schemas |= {f"{_key(said)}.{name}": _moved(each, said) for name, each in _definitions(said)}
    said_in_all = {"channels": channels, "operations": dict(sorted(_operations(world, channels)))}
    digest = hashlib.sha256(json.dumps([said_in_all, messages, schemas], sort_keys=True).encode())
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Events and messages",
            "version": digest.hexdigest()[:12],
            "description": "What services tell one another. Each payload is the data of a CloudEvent 1.0.",
        },
        "defaultContentType": "application/json",
        **said_in_all,
        "components": {"messages": messages, "schemas": schemas},
    }


def _operations(world: World, channels: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for service, contract in world.items():
        for said in contract.says:
            yield _operation(f"{service}.says.{_id(said.name)}", "send", said.name, service)
        for sent in contract.sends:
            if _id(sent.name) in channels:
                yield _operation(f"{service}.sends.{_id(sent.name)}", "send", sent.name, service)
        for heard in contract.hears:
            if _id(heard.name) in channels:
                for handler in heard.handlers:
                    yield _operation(f"{service}.{handler}.{_id(heard.name)}", "receive", heard.name, service)


def _operation(name: str, action: str, channel: str, service: str) -> tuple[str, Any]:
    at = f"#/channels/{_id(channel)}"
    return name, {"action": action, "channel": {"$ref": at}, "tags": [{"name": service}]}


def _message(said: Said) -> dict[str, Any]:
    schema = {key: value for key, value in said.schema.items() if key != "$defs"}
    return {
        "name": said.name,
        "title": str(said.schema.get("title", said.name)),
        "contentType": "application/json",
        "payload": {"schemaFormat": FORMAT, "schema": {"$schema": DIALECT, **_moved(schema, said)}},
    }


def _definitions(said: Said) -> Iterable[tuple[str, Any]]:
    return dict(said.schema.get("$defs", {})).items()


def _moved(schema: Any, said: Said) -> Any:
    """The schema with its definitions among the document's components, where every tool looks for them."""
    if isinstance(schema, dict):
        return {
            key: f"#/components/schemas/{_key(said)}.{value.removeprefix(_DEFS)}"
            if key == "$ref" and isinstance(value, str)
            else _moved(value, said)
            for key, value in schema.items()
        }
    return [_moved(each, said) for each in schema] if isinstance(schema, list) else schema


def _of(contract: Contract) -> dict[str, Any]:
    return {"tags": [{"name": contract.service}]}


def _key(said: Said) -> str:
    return f"{_id(said.name)}.v{said.version}"


def _id(name: str) -> str:
    """A name that needs no escaping in a reference."""
    return name.replace("/", ".")
