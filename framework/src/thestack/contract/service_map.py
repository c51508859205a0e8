"""Who tells whom what, and whose types queries join: the services as a graph, for a page to draw."""

from collections.abc import Iterator
from typing import Any, Literal

from graphql import InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode, parse

from thestack.contract.promise import Contract, World

Kind = Literal["event", "message", "join"]
Described = dict[str, Any]


def service_map(world: World) -> Described:
    """`services`, each with its name, description, events and whether it hears all of them, and `links`, each
    with its kind, `from`, `to` and name: an event that one says and the other hears, a message that one
    sends into the other's queue, a type of one's that the other's subgraph refers to or adds fields to. In
    an order that depends on names alone.
    """
    shown = {name: world[name] for name in sorted(world) if _is_service(world[name])}
    return {
        "services": [_service(each) for each in shown.values()],
        "links": [*_events(shown), *_messages(shown), *_joins(shown)],
    }


def _is_service(contract: Contract) -> bool:
    return bool(contract.sdl or contract.says or contract.hears or contract.hears_all)


def _service(contract: Contract) -> Described:
    return {
        "name": contract.service,
        "description": contract.description,
        "says": sorted({each.name for each in contract.says}),
        "hearsAll": bool(contract.hears_all),
    }


def _link(kind: Kind, from_: str, to: str, name: str) -> Described:
    return {"kind": kind, "from": from_, "to": to, "name": name}


def _events(world: World) -> Iterator[Described]:
    """Events that are heard by name; who hears all of them is known by that."""
    for name, contract in world.items():
        said = {each.name for each in contract.says}
        for other, hearing in world.items():
            heard = {each.name for each in hearing.hears if each.source == name}
            yield from (_link("event", name, other, each) for each in sorted(said & heard))


def _messages(world: World) -> Iterator[Described]:
    for name, contract in world.items():
        for address in sorted({each.name for each in contract.sends}):
            yield _link("message", name, address.partition("/")[0], address)


def _joins(world: World) -> Iterator[Described]:
    """Types that a subgraph knows by their key alone, and that another one owns."""
    owners = {
        type: name
        for name, contract in world.items()
        for type in _keyed(contract)
        if type in _owned(contract)
    }
    for name, contract in world.items():
        for type in sorted(_keyed(contract) - _owned(contract)):
            if owners.get(type, name) != name:
                yield _link("join", owners[type], name, type)


def _keyed(contract: Contract) -> frozenset[str]:
    """The types with a @key that a subgraph has."""
    if not contract.sdl:
        return frozenset()
    return frozenset(
        each.name.value
        for each in parse(contract.sdl, no_location=True).definitions
        if isinstance(each, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode))
        and any(directive.name.value == "key" for directive in each.directives or ())
    )


def _owned(contract: Contract) -> frozenset[str]:
    """The types whose rows are the service's, and the interfaces that these implement."""
    entities = {each.name for each in contract.entities}
    if not contract.sdl:
        return frozenset(entities)
    interfaces = {
        interface.name.value
        for each in parse(contract.sdl, no_location=True).definitions
        if isinstance(each, ObjectTypeDefinitionNode) and each.name.value in entities
        for interface in each.interfaces or ()
    }
    return frozenset(entities | interfaces)
