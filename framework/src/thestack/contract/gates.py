"""The gates: what of a change to some services hurts somebody, judged from contracts alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from thestack.contract import schema_changes
from thestack.contract.composition import Composed
from thestack.contract.expectations import expectations
from thestack.contract.findings import Finding
from thestack.contract.messages import messages
from thestack.contract.operations import Operation
from thestack.contract.promise import World, subgraphs
from thestack.contract.stateful_changes import stateful_changes

Composer = Callable[[Sequence[Mapping[str, str]]], Sequence[Composed]]
"""Composes each of several sets of subgraphs, by service."""


@dataclass(frozen=True, slots=True)
class Change:
    """From the services as they run, to the services as they shall run.

    `before` is empty where there is nothing to compare with; then `composed_before` is None. `operations` are
    those that clients are known to ask, `operations_before` those that they were known to ask before; None
    where nobody knows.
    """

    before: World
    after: World
    composed_before: Composed | None
    composed_after: Composed
    operations: Sequence[Operation] = ()
    operations_before: Sequence[Operation] | None = None


Gate = Callable[[Change], Iterable[Finding]]


def keeps(change: Change) -> Iterable[Finding]:
    """What holds data stays."""
    return stateful_changes(change.before, change.after)


def is_read(change: Change) -> Iterable[Finding]:
    """What is written is read, in both orders of deployment."""
    return messages(change.before, change.after)


def is_expected(change: Change) -> Iterable[Finding]:
    """What services expect of one another is so."""
    return expectations(change.after)


GATES: Mapping[str, Gate] = {
    "composition": schema_changes.composition,
    "schema": schema_changes.schema,
    "operations": schema_changes.operations,
    "messages": is_read,
    "stateful": keeps,
    "expectations": is_expected,
}
"""By name, in the order in which they are reported."""


def judge(change: Change, gates: Mapping[str, Gate] = GATES) -> list[Finding]:
    """What every gate finds."""
    return [finding for gate in gates.values() for finding in gate(change)]


def change_between(
    before: World,
    after: World,
    compose: Composer,
    operations: Sequence[Operation] = (),
    operations_before: Sequence[Operation] | None = None,
) -> Change:
    """The change from one world to another, composed on both sides."""
    was, now = subgraphs(before), subgraphs(after)
    if not before or was == now:
        (composed,) = compose([now])
        return Change(before, after, composed if before else None, composed, operations, operations_before)
    composed_before, composed_after = compose([was, now])
    return Change(before, after, composed_before, composed_after, operations, operations_before)
