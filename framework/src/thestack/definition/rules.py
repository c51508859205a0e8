"""Who may: rules as data, combined by `&` and `|`. The runtime evaluates them, the contract prints them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from thestack.definition.capabilities import Caller

E = TypeVar("E")


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
class Tenant(Rule):
    """The users of one tenant."""

    name: str


@dataclass(frozen=True, slots=True)
class When(Rule):
    """Whoever a test of the row and the caller (None: nobody is signed in) lets in."""

    test: "Callable[..., bool]"


@dataclass(frozen=True, slots=True)
class Visible:
    """Who may read a field, beside who may read the whole: what `visible_to` puts into an annotation."""

    rule: Rule


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


def tenant(name: str) -> Rule:
    """The users of the tenant `name`: `allow=tenant("acme")`."""
    return Tenant(name)


def when(test: "Callable[[E, Caller | None], bool]") -> Rule:
    """Whoever the test lets in, which is handed the row and the caller.

    Example:

        def is_published(book: "Book", caller: Caller | None) -> bool:
            return book.published

        class Book(Entity, key="id", owner="author_id", allow=owner | when(is_published)): ...
    """
    return When(test)


def visible_to(rule: Rule) -> Visible:
    """Who may read one field: `salary: Annotated[int | None, visible_to(group("staff"))]`.

    Others are answered null and FORBIDDEN, so the field is nullable in GraphQL.
    """
    return Visible(rule)


def mentions(rule: Rule, kind: type[Rule]) -> bool:
    """Whether a rule of this kind stands anywhere in `rule`."""
    match rule:
        case All(parts) | Any(parts):
            return reduce(lambda found, part: found or mentions(part, kind), parts, False)
        case _:
            return isinstance(rule, kind)
