"""The event catalogue: who says what, who hears it, and what is in it, for people."""

from collections.abc import Iterable, Mapping
from typing import Any

from thestack.contract.promise import Contract, Said, World

HEAD = """\
# What services tell one another

Made by `thestack contract update` from the definitions; `thestack check` fails when it is stale. Beside it
lie [the supergraph](supergraph.graphql) that the router plans by, [the schema](schema.graphql) that clients
see, and [the same as this page for programs](asyncapi.json), an AsyncAPI 3 document.
"""


def catalogue(world: World) -> str:
    """The page, in Markdown."""
    parts = [HEAD]
    for name, contract in sorted(world.items()):
        if contract.says or contract.takes:
            parts.append(f"## {name}\n\n{contract.description}".rstrip() + "\n")
            parts += [_entry(each, _heard(world, name, each), "Event") for each in contract.says]
            parts += [_entry(each, _taken(world, contract, each), "Message") for each in contract.takes]
    return "\n".join(parts)


def _entry(said: Said, who: str, kind: str) -> str:
    described = str(said.schema.get("description", "")).replace("\n", " ")
    lines = [f"### {said.name} v{said.version}", "", f"{kind}. {described}".rstrip(), "", who, ""]
    rows = list(_rows(said.schema))
    if rows:
        lines += ["| field | type | |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _heard(world: World, service: str, said: Said) -> str:
    heard = [
        f"{name}.{handler}"
        for name, contract in sorted(world.items())
        for each in contract.hears
        if (each.name, each.source) == (said.name, service) and said.version in each.schemas
        for handler in each.handlers
    ]
    every = [f"{name}.{each}" for name, contract in sorted(world.items()) for each in contract.hears_all]
    return f"Heard by: {_listed(dict.fromkeys([*heard, *every]))}"


def _taken(world: World, contract: Contract, said: Said) -> str:
    senders = [
        name
        for name, other in sorted(world.items())
        if any(each.name == said.name and each.version == said.version for each in other.sends)
    ]
    takers = [
        f"{contract.service}.{each}"
        for read in contract.hears
        if read.name == said.name
        for each in read.handlers
    ]
    return f"Sent by: {_listed(senders)}. Taken by: {_listed(takers)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nobody"


def _rows(schema: Mapping[str, Any]) -> Iterable[str]:
    must = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        told = str(field.get("description", "")).replace("\n", " ").replace("|", "\\|")
        presence = "" if name in must else "may be missing. "
        yield f"| {name} | {_type(field)} | {presence}{told}".rstrip() + " |"


def _type(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field:
        return " or ".join(_type(each) for each in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    if "enum" in field:
        return ", ".join(map(str, field["enum"]))
    return str(field.get("format", field.get("type", "any")))
