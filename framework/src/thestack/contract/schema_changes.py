"""The gates of the schema: do subgraphs compose, and what does a change take from clients and from them?"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from graphql import build_schema

from thestack.contract.blame import Blame
from thestack.contract.composing import mistakes_found
from thestack.contract.composition import CompositionError, Supergraph
from thestack.contract.elements import elements
from thestack.contract.findings import Finding, Level
from thestack.contract.operations import Operation
from thestack.contract.promise import subgraphs
from thestack.contract.public_changes import EXPAND, PublicSchema
from thestack.contract.replay import replayed
from thestack.contract.subgraph_changes import subgraph_findings
from thestack.contract.usage import usage

if TYPE_CHECKING:
    from thestack.contract.gates import Change


def composition(change: "Change") -> Iterator[Finding]:
    """All subgraphs compose into a supergraph (C1xx)."""
    if isinstance(change.composed_after, CompositionError):
        yield from mistakes_found(change.composed_after, _blame(change))


def schema(change: "Change") -> Iterator[Finding]:
    """What the change does to the public schema, and to what subgraphs take of each other (C2xx)."""
    if not change.before:
        return
    blame, before, after = _blame(change), change.composed_before, change.composed_after
    yield from subgraph_findings(blame)
    if isinstance(before, Supergraph) and isinstance(after, Supergraph):
        yield from PublicSchema(before.public_sdl, after.public_sdl, change.operations, blame).findings()
        yield from _doors(change, before.public_sdl, after.public_sdl)


def operations(change: "Change") -> Iterator[Finding]:
    """What clients are known to ask can still be answered (C3xx)."""
    after, before = change.composed_after, change.composed_before
    if isinstance(after, Supergraph):
        earlier = before.public_sdl if isinstance(before, Supergraph) else None
        known = change.operations_before
        yield from replayed(change.operations, earlier, after.public_sdl, _blame(change), known)


def _doors(change: "Change", before: str, after: str) -> Iterator[Finding]:
    """Fields that anybody could ask for, and now only who is signed in."""
    were = {field: name for name, each in change.before.items() for field in each.public_fields}
    are = {field: name for name, each in change.after.items() for field in each.public_fields}
    closed = sorted(were.keys() - are.keys())
    asked = _asked(change.operations, before) if closed else []
    for field in closed:
        if field not in elements(after):
            continue  # that it is gone is said already
        message = f"`{field}` is not public any more: who is not signed in gets UNAUTHENTICATED"
        hurt = tuple(str(each) for each, roots in asked if field in roots and roots <= were.keys())
        level = Level.BREAKING if hurt or not change.operations else Level.DANGEROUS
        yield Finding("C210", level, were[field], message, field, hurt, EXPAND)
    for field in sorted(are.keys() - were.keys()):
        if field in elements(before):
            yield Finding("C200", Level.SAFE, are[field], f"`{field}` is public", field)


def _asked(operations: Sequence[Operation], sdl: str) -> list[tuple[Operation, set[str]]]:
    """Operations with the root fields that they ask for."""
    built = build_schema(sdl, assume_valid=True)
    return [
        (
            each,
            {taken for taken in usage(each.text, built).taken if taken.startswith(("Query.", "Mutation."))},
        )
        for each in operations
    ]


def _blame(change: "Change") -> Blame:
    return Blame(subgraphs(change.before), subgraphs(change.after))
