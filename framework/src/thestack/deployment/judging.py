"""What a deployment would do to those that run already: judged before anything is touched."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from thestack.contract.composition import CompositionError
from thestack.contract.findings import Finding, refused
from thestack.contract.gates import GATES, Change, Gate, change_between, judge
from thestack.contract.operations import Operation
from thestack.contract.promise import World
from thestack.contract.stateful_changes import allow
from thestack.infra.supergraph import compose_sets

GRAPHQL = ("composition", "schema", "operations")
"""The gates of what clients see: a service's deployment changes nothing of it until the router's."""


class Refused(Exception):
    """The answer is no: `findings` say what would break, and whom it would hurt."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        broken = refused(self.findings)
        what = "; ".join(f"{each.code} {each.service}: {each.message}" for each in broken)
        super().__init__(f"nothing was changed, because something would break: {what}")


def judge_stack(before: World, after: World, allowed: Collection[str]) -> list[Finding]:
    """What bringing stacks up does to events, messages, expectations and what is kept."""
    uncomposed = CompositionError([], [])
    change = Change(before, after, None, uncomposed)
    return allow(judge(change, _gates(without=GRAPHQL)), allowed)


def judge_router(before: World, after: World, operations: Sequence[Operation], root: Path) -> list[Finding]:
    """What another supergraph does to clients and subgraphs. Raises as `compose_sets` does."""
    change = change_between(before, after, lambda sets: compose_sets(sets, root), operations)
    return judge(change, _gates(only=GRAPHQL))


def refuse(findings: Sequence[Finding]) -> None:
    """Raise `Refused` if anything breaks."""
    if refused(findings):
        raise Refused(findings)


def _gates(*, only: Collection[str] = GATES, without: Collection[str] = ()) -> dict[str, Gate]:
    return {name: gate for name, gate in GATES.items() if name in only and name not in without}
