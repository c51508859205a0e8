"""A contract as text: the files that are committed, and the one that is kept of a release."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from thestack.contract.promise import Contract, Said

FOLDER = "contract"
"""Where a service's contract lies in its folder."""
SERVICE, SCHEMA, HEARS, SENDS = "service.json", "schema.graphql", "hears.json", "sends.json"
EVENTS, MESSAGES, EXPECTS = "events", "messages", "expects"
_APART = {"sdl", "says", "takes", "hears", "sends", "expects"}
_ADAPTER = TypeAdapter(Contract)


class ContractUnreadable(Exception):
    """The files of a contract are not those that `contract_files` makes; the message says what is wrong."""


def contract_files(contract: Contract) -> dict[str, str]:
    """The files of a contract, by their paths in its folder. The same contract gives the same texts.

    - `schema.graphql`: the subgraph
    - `events/NAME.vN.json`, `messages/QUEUE.vN.json`: the JSON Schema of each that it owns
    - `hears.json`, `sends.json`: what it reads of events and messages, what it writes into others' queues
    - `expects/SERVICE.json`: what it expects of another
    - `service.json`: the rest, with the shapes of its entities and what it keeps
    """
    data: dict[str, Any] = _ADAPTER.dump_python(contract, mode="json")
    files = {SERVICE: _json({name: value for name, value in data.items() if name not in _APART})}
    if contract.sdl:
        files[SCHEMA] = contract.sdl
    for folder, said in ((EVENTS, contract.says), (MESSAGES, contract.takes)):
        for each in said:
            files[f"{folder}/{_stem(each)}.json"] = _json({**each.schema, "x-name": each.name})
    for name, key in ((HEARS, "hears"), (SENDS, "sends")):
        if data[key]:
            files[name] = _json(data[key])
    for provider in sorted({each.provider for each in contract.expects}):
        expected = [each for each in data["expects"] if each["provider"] == provider]
        files[f"{EXPECTS}/{provider}.json"] = _json(expected)
    return files


def read_contract(files: Mapping[str, str]) -> Contract:
    """The contract of these files. Raises `ContractUnreadable`."""
    try:
        data = json.loads(files[SERVICE])
        data["sdl"] = files.get(SCHEMA, "")
        for folder, key in ((EVENTS, "says"), (MESSAGES, "takes")):
            data[key] = [_said(path, text) for path, text in sorted(files.items()) if _is_in(path, folder)]
        data["hears"], data["sends"] = json.loads(files.get(HEARS, "[]")), json.loads(files.get(SENDS, "[]"))
        expected = [text for path, text in sorted(files.items()) if _is_in(path, EXPECTS)]
        data["expects"] = [each for text in expected for each in json.loads(text)]
        return _ADAPTER.validate_python(data)
    except (KeyError, TypeError, ValueError) as error:
        raise ContractUnreadable(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}") from None


def read_folder(folder: Path) -> dict[str, str]:
    """The files of a folder, by their paths in it; none where there is no such folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


def to_json(contract: Contract) -> str:
    """The whole contract as one text, the same for the same contract."""
    return _json(_ADAPTER.dump_python(contract, mode="json"))


def from_json(text: str) -> Contract:
    """The contract of such a text. Raises `ContractUnreadable`."""
    try:
        return _ADAPTER.validate_json(text)
    except ValueError as error:
        raise ContractUnreadable(" ".join(str(error).split())[:300]) from None


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _stem(said: Said) -> str:
    return f"{said.name.rpartition('/')[2]}.v{said.version}"


def _said(path: str, text: str) -> dict[str, Any]:
    schema = json.loads(text)
    version = int(path.removesuffix(".json").rpartition(".v")[2])
    return {"name": schema.pop("x-name"), "version": version, "schema": schema}


def _is_in(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/") and path.endswith(".json")
