"""Who asks, and when: the circumstances that a test chooses."""

from datetime import UTC, datetime

from thestack.adapters.memory.clock import FixedClock
from thestack.definition.scalars import Id
from thestack.runtime.scope import Identified, Scope

BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When the time of a test begins, unless it says otherwise."""

TENANT = "main"
"""Whose data a test sees, unless it says otherwise."""


def fixed_clock(at: datetime = BEGIN) -> FixedClock:
    """A clock that stands at `at` until `advance(by)` is called."""
    return FixedClock(at)


def caller(name: str, *groups: str, tenant: str = TENANT) -> Identified:
    """A signed-in user, as a handler asks for it by `*, caller: Caller`; the name is the id."""
    return Identified(Id(name), tenant, frozenset(groups))


def user(name: str, *groups: str, tenant: str = TENANT) -> Scope:
    """The scope of a request by a signed-in user; the name is the id."""
    return Scope(tenant, caller(name, *groups, tenant=tenant), correlation_id="test")


ANONYMOUS = Scope(TENANT)
"""The scope of a request by nobody."""
