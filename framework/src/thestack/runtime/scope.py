"""On whose behalf a handler runs, and what it is part of."""

from dataclasses import dataclass, field

from thestack.definition.options import MAXIMUM_HOPS
from thestack.definition.scalars import Id
from thestack.runtime.journal import Journal


@dataclass(frozen=True, slots=True)
class Identified:
    """A caller who proved who they are. Satisfies `thestack.Caller`."""

    id: Id
    tenant: str
    groups: frozenset[str] = field(default_factory=frozenset[str])


@dataclass(frozen=True, slots=True)
class Scope:
    """One run of a handler: tenant, caller if any, and the trace that it continues.

    `hops` counts the handlers since the first cause; what this one emits carries one more, up to `most`.
    `journal` is where
    the run notes what it did.
    """

    tenant: str
    caller: Identified | None = None
    traceparent: str | None = None
    correlation_id: str | None = None
    hops: int = 0
    most: int = MAXIMUM_HOPS
    journal: Journal = field(default_factory=Journal, repr=False, compare=False)
