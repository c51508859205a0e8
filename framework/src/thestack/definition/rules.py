"""Who may: rules as data, combined by `&` and `|`. The runtime evaluates them, the contract prints them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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

    def __str__(self) -> str:
        """The rule as it is written."""
        return spelled(self)


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
    """Whoever a test of the row and the caller (None: nobody is signed in) lets in.

    A test that raises lets nobody in, and is reported.
    """

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


def leaves(rule: Rule) -> Iterator[Rule]:
    """The rules that `rule` combines."""
    match rule:
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield rule


def mentions(rule: Rule, kind: type[Rule]) -> bool:
    """Whether a rule of this kind stands anywhere in `rule`."""
    return any(isinstance(leaf, kind) for leaf in leaves(rule))


def opened_by(rule: Rule, *kinds: type[Rule]) -> bool:
    """Whether satisfying the rules of these kinds is enough: `Public` opens `public | owner`."""
    match rule:
        case All(parts):
            return all(opened_by(part, *kinds) for part in parts)
        case Any(parts):
            return any(opened_by(part, *kinds) for part in parts)
        case _:
            return isinstance(rule, kinds)


def entails(rule: Rule, other: Rule) -> bool:
    """Whether it can be seen from the rules alone that whoever satisfies `rule` satisfies `other` too."""
    match other:
        case All(parts):
            return all(entails(rule, part) for part in parts)
        case Public():
            return True
        case _ if rule == other:
            return True
        case _:
            pass
    match rule:
        case Any(parts):
            return all(entails(part, other) for part in parts)
        case All(parts) if any(entails(part, other) for part in parts):
            return True
        case _:
            pass
    match other:
        case Any(parts):
            return any(entails(rule, part) for part in parts)
        case SignedIn():
            return isinstance(rule, Owner | Group | Tenant)
        case _:
            return isinstance(rule, Denied)


def spelled(rule: Rule) -> str:
    """The rule as it is written: `owner | group("staff")`."""
    match rule:
        case Group(name):
            return f'group("{name}")'
        case Tenant(name):
            return f'tenant("{name}")'
        case When(test):
            return f"when({getattr(test, '__name__', 'a test')})"
        case All(parts):
            return " & ".join(f"({part})" if isinstance(part, Any) else str(part) for part in parts)
        case Any(parts):
            return " | ".join(map(str, parts))
        case Public():
            return "public"
        case SignedIn():
            return "signed_in"
        case Owner():
            return "owner"
        case _:
            return "nobody"
