"""Evaluates rules. There is no other place where permission is decided."""

from typing import Any

from thestack.definition.model import EntityModel
from thestack.definition.problems import Forbidden, Unauthenticated
from thestack.definition.rules import All, Denied, Group, Owner, Public, Rule, SignedIn
from thestack.definition.rules import Any as Either
from thestack.runtime.scope import Identified


def allows(rule: Rule, caller: Identified | None, owner: str | None = None) -> bool:
    """Whether the rule lets the caller in;
    `owner` is the id in the row's owner field, if there is a row with one.
    """
    match rule:
        case Public():
            return True
        case SignedIn():
            return caller is not None
        case Owner():
            return caller is not None and owner is not None and caller.id == owner
        case Group(name):
            return caller is not None and name in caller.groups
        case All(parts):
            return all(allows(part, caller, owner) for part in parts)
        case Either(parts):
            return any(allows(part, caller, owner) for part in parts)
        case Denied():
            return False
        case _:
            raise TypeError(f"unknown rule {rule!r}")


def may_read(entity: EntityModel, row: Any, caller: Identified | None) -> bool:
    """Whether the caller may read this instance of the entity."""
    owner = getattr(row, entity.owner) if entity.owner else None
    return allows(entity.allow, caller, owner)


def require(rule: Rule, caller: Identified | None) -> None:
    """Raise `Unauthenticated` or `Forbidden` unless the caller may call."""
    if allows(rule, caller):
        return
    if caller is None:
        raise Unauthenticated("Sign in to do this.")
    raise Forbidden("You may not do this.")
