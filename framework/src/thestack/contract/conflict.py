"""Why changes can't be deployed in any order: the smallest set of them that conflicts, the way out."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from thestack.contract.findings import Finding, refused
from thestack.contract.mixed import Mixed
from thestack.contract.order import START, Action, State, Step, reachable

WAYS_OUT = {
    "C1": "deploy a version of one of them that composes with the other as it is, then the other, then "
    "delete what was only for the time between",
    "C2": "deploy what is new beside the old, move whoever uses the old, delete it in a later deployment",
    "C3": "keep the field, deprecated, beside what replaces it; change the clients; delete it once no "
    "operation asks for it",
    "C4": "first deploy readers that accept both (what is new with a default, or the new version beside an "
    "upcaster from the old), then the writer, then delete what nobody writes any more",
    "C5": "a new entity or index beside the old, rows written to both and moved, the old one deleted in a "
    "later deployment",
    "C6": "a new resource beside the old, what it holds moved, the old one deleted in a later deployment; or "
    "name it with --allow, and lose what it holds",
    "C7": "the provider answers as both expect, the consumer's expectation changes, then the provider "
    "takes away what nobody expects",
}
"""How to expand, migrate and contract, by the first letters of a finding's code."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The changes of these services conflict: with one another, or one with what runs.

    `reasons` are what each of them breaks, in each order of them. `way_out` says what to do instead.
    """

    services: tuple[str, ...]
    reasons: tuple[tuple[str, Finding], ...]
    way_out: str


def smallest_conflict(mixed: Mixed) -> Conflict:
    """The smallest set of changes that no admitted order ends with, whichever of the others go along.

    Where together they would do well and only no step leads there, it is all that have to come at once.
    """
    names = mixed.services.names
    ends = {
        state.deployed
        for state in reachable(mixed.services, mixed.admits)
        if state == mixed.services.of(state.deployed).end
    }
    sets = [frozenset(some) for size in range(1, len(names) + 1) for some in combinations(names, size)]
    smallest = next(each for each in sets if not any(each <= end for end in ends))
    at_once = [each for each in sets if smallest <= each and not _wrong_at_the_end(mixed, each)]
    chosen = min(at_once, key=len) if at_once else smallest
    reasons = tuple(_reasons(mixed, chosen))
    codes = sorted({finding.code[:2] for _, finding in reasons})
    way_out = "; ".join(dict.fromkeys(WAYS_OUT[code] for code in codes if code in WAYS_OUT))
    way_out = f"expand, migrate, contract: {way_out}" if way_out else ""
    return Conflict(tuple(each for each in names if each in chosen), reasons, way_out)


def _wrong_at_the_end(mixed: Mixed, services: frozenset[str]) -> list[Finding]:
    kept = [finding for name in services for finding in refused(mixed.kept(name))]
    return [*kept, *mixed.state(mixed.services.of(services).end)]


def _reasons(mixed: Mixed, services: frozenset[str]) -> Iterable[tuple[str, Finding]]:
    """What goes wrong when each of them comes first, or at the end when each alone does well."""
    told: list[tuple[str, Finding]] = []
    for name in sorted(services):
        told += [(f"{name} first", each) for each in _wrong_first(mixed, name)]
    if not told or (len(services) > 1 and not _has_each(told, services)):
        together = " and ".join(sorted(services))
        told += [(f"{together} together", each) for each in _wrong_at_the_end(mixed, services)]
    return dict.fromkeys(told)


def _wrong_first(mixed: Mixed, name: str) -> list[Finding]:
    services = mixed.services.of(frozenset({name}))
    if name in services.gone:
        return refused(mixed.step(START, Step(Action.DESTROY, (name,))))
    found = refused(mixed.step(START, Step(Action.DEPLOY, (name,))))
    if not found and name in services.subgraphs:
        deployed = State(frozenset({name}))
        found = refused(mixed.step(deployed, Step(Action.ROUTE, (name,))))
    return found


def _has_each(told: Iterable[tuple[str, Finding]], services: frozenset[str]) -> bool:
    return {when for when, _ in told} >= {f"{name} first" for name in services}
