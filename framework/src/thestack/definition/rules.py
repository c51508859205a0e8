"""Who may: rules as data, combined by `&` and `|`. The runtime evaluates them, the contract prints them."""

from dataclasses import dataclass
from functools import reduce


class Rule:
    """Who may read an entity or call an operation. Deny is the default: something must say `allow`.

    Example: `allow=owner | group("staff")`.
    """

    def __and__(self, other: "Rule") -> "Rule":
        return All((self, other))

    def __or__(self, other: "Rule") -> "Rule":
        return Any((self, other))


@dataclass(frozen=True, slots=True)
class Public(Rule):
    """Everybody, signed in or not."""


@dataclass(frozen=True, slots=True)
class SignedIn(Rule):
    """Everybody with a valid access token."""


@dataclass(frozen=True, slots=True)
class Owner(Rule):
    """The user whom the row belongs to; for entities that name an owner field."""


@dataclass(frozen=True, slots=True)
class Group(Rule):
    """Members of a group of the identity provider."""

    name: str


@dataclass(frozen=True, slots=True)
class All(Rule):
    """Whoever satisfies every part."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Any(Rule):
    """Whoever satisfies some part."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Denied(Rule):
    """Nobody: what stands where no `allow` was written."""


public: Rule = Public()
"""Everybody: `allow=public`."""

signed_in: Rule = SignedIn()
"""Everybody with a valid access token: `allow=signed_in`."""

owner: Rule = Owner()
"""The user whom a row belongs to, for entities with `owner=`: `allow=owner | group("staff")`."""


def group(name: str) -> Rule:
    """Members of the group `name`: `allow=group("staff")`."""
    return Group(name)


def mentions(rule: Rule, kind: type[Rule]) -> bool:
    """Whether a rule of this kind stands anywhere in `rule`."""
    match rule:
        case All(parts) | Any(parts):
            return reduce(lambda found, part: found or mentions(part, kind), parts, False)
        case _:
            return isinstance(rule, kind)
