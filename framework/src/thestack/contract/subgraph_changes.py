"""What a change of one subgraph takes from the others: keys that they refer by, fields that they require.

The public schema shows none of this. What can't be composed is the composer's to say; here stands who relies
on it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse

from thestack.contract.blame import Blame
from thestack.contract.elements import Element
from thestack.contract.findings import Finding, Level

Subgraph = Mapping[str, Element]
_FIELDS = re.compile(r'fields: "([^"]*)"')
_FROM = re.compile(r'from: "([^"]*)"')
KEY_HELP = "Keep the key until nobody refers by it: let them take another one first."
FIELD_HELP = "Keep it until nobody requires it: let them do without it, or take it from elsewhere, first."


def subgraph_findings(blame: Blame) -> Iterator[Finding]:
    """What each changed subgraph took from others, gave to them, or has otherwise marked."""
    for service in blame.changed:
        before, after = blame.before.get(service, {}), blame.after.get(service, {})
        yield from _keys(service, before, after, blame)
        yield from _taken(service, before, after, blame)
        yield from _marks(service, before, after)


def _keys(service: str, before: Subgraph, after: Subgraph, blame: Blame) -> Iterator[Finding]:
    for type in sorted({*before, *after}):
        had, has = _offered(before.get(type)), _offered(after.get(type))
        for key in sorted(had - has):
            users = _referring(type, key, service, blame.after)
            message = f'`{type}` is not found by the key "{key}" any more'
            if users:
                hurt = tuple(f"subgraph {each}" for each in users)
                yield Finding("C221", Level.BREAKING, service, message, type, hurt, KEY_HELP)
            elif earlier := _referring(type, key, service, blame.before):
                hurt = tuple(f"subgraph {each}" for each in earlier)
                message += ", by which no subgraph refers to it from now on"
                yield Finding("C221", Level.DANGEROUS, service, message, type, hurt)
            else:
                message += ", by which no subgraph refers to it"
                yield Finding("C221", Level.SAFE, service, message, type)
        for key in sorted(has - had):
            if type in before:
                message = f'`{type}` is also found by the key "{key}"'
                yield Finding("C200", Level.SAFE, service, message, type)


def _offered(element: Element | None) -> set[str]:
    """The keys by which a subgraph finds an entity."""
    directives = element.directives if element else ()
    return {_key(each) for each in directives if each.startswith("@key(") and "resolvable: false" not in each}


def _referring(type: str, key: str, owner: str, subgraphs: Mapping[str, Subgraph]) -> list[str]:
    """The other subgraphs that have the type by this key."""
    return [
        name
        for name, elements in sorted(subgraphs.items())
        if name != owner
        and type in elements
        and any(each.startswith("@key(") and _key(each) == key for each in elements[type].directives)
    ]


def _key(directive: str) -> str:
    """The key's fields in one order, however they were written."""
    found = _FIELDS.search(directive)
    return _sorted(_selection(found[1])) if found else ""


def _selection(fields: str) -> SelectionSetNode:
    definition = parse(f"{{ {fields} }}", no_location=True).definitions[0]
    return cast(OperationDefinitionNode, definition).selection_set


def _sorted(selection: SelectionSetNode) -> str:
    parts = [
        f"{each.name.value} {{ {_sorted(each.selection_set)} }}" if each.selection_set else each.name.value
        for each in selection.selections
        if isinstance(each, FieldNode)
    ]
    return " ".join(sorted(parts))


def _taken(service: str, before: Subgraph, after: Subgraph, blame: Blame) -> Iterator[Finding]:
    """Fields of this subgraph that others require or provide, and that they don't get any more."""
    for coordinate, was in before.items():
        now = after.get(coordinate)
        if not was.type or was.has("external") or now == was:
            continue
        hurt = [
            f"subgraph {name}{_why(coordinate, elements)}"
            for name, elements in sorted(blame.after.items())
            if name != service
            and (wanted := elements.get(coordinate))
            and wanted.has("external")
            and not _given(coordinate, wanted.type, blame.after)
        ]
        if hurt:
            gone = "is gone" if now is None else f"was {was.type} and is {now.type}"
            message = f"`{coordinate}`, which other subgraphs take from here, {gone}"
            yield Finding("C222", Level.BREAKING, service, message, coordinate, tuple(hurt), FIELD_HELP)


def _given(coordinate: str, wanted: str, subgraphs: Mapping[str, Subgraph]) -> bool:
    """Whether some subgraph answers the field with a type that does for `wanted`."""
    found = (each[coordinate] for each in subgraphs.values() if coordinate in each)
    return any(not each.has("external") and does_for(each.type, wanted) for each in found)


def does_for(offered: str, wanted: str) -> bool:
    """Whether every value of the type that is offered is one of the type that is wanted.

    Example:
        >>> does_for("[Int!]!", "[Int]"), does_for("Int", "Int!")
        (True, False)
    """
    if wanted.endswith("!"):
        return offered.endswith("!") and does_for(offered[:-1], wanted[:-1])
    offered = offered.removesuffix("!")
    if wanted.startswith("["):
        return offered.startswith("[") and does_for(offered[1:-1], wanted[1:-1])
    return offered == wanted


def _why(coordinate: str, elements: Subgraph) -> str:
    """Which field of the subgraph requires or provides it."""
    type, _, field = coordinate.partition(".")
    for other, element in elements.items():
        for each in element.directives:
            found = _FIELDS.search(each)
            if not found or field not in re.findall(r"\w+", found[1]):
                continue
            if each.startswith("@requires(") and other.partition(".")[0] == type:
                return f", where {other} requires it"
            if each.startswith("@provides(") and element.type.strip("[]!") == type:
                return f", where {other} provides it"
    return ""


def _marks(service: str, before: Subgraph, after: Subgraph) -> Iterator[Finding]:
    """Directives of what is there before and after, but keys; and what is taken over by a new field."""
    for coordinate in sorted(after):
        had = set(before[coordinate].directives if coordinate in before else ())
        has = set(after[coordinate].directives)
        for each in sorted(had ^ has):
            if each.startswith("@override("):
                yield _overridden(service, coordinate, each, taken=each in has)
            elif coordinate in before and not each.startswith("@key("):
                what = f"has {each}" if each in has else f"has no {each} any more"
                yield Finding("C224", Level.SAFE, service, f"`{coordinate}` {what}", coordinate)


def _overridden(service: str, coordinate: str, directive: str, *, taken: bool) -> Finding:
    found = _FROM.search(directive)
    other = found[1] if found else "another subgraph"
    label = " for a part of the requests" if "label:" in directive else ""
    who = f"{service} and not {other}" if taken else f"{other} as well as {service}"
    message = f"`{coordinate}` is asked of {who}{label} from now on"
    help = f"Have the field's data in {service} before its deploy, and let {other} keep it until then."
    return Finding("C223", Level.DANGEROUS, service, message, coordinate, (f"subgraph {other}",), help)
