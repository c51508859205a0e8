"""Evaluates rules. There is no other place where permission is decided."""

from typing import Any

from thestack.definition.model import EntityModel
from thestack.definition.problems import Forbidden, Unauthenticated
from thestack.definition.rules import All, Denied, Group, Owner, Public, Rule, SignedIn, Tenant, When
from thestack.definition.rules import Any as Either
from thestack.runtime.scope import Scope


def allows(rule: Rule, scope: Scope, row: Any = None, owner: str | None = None) -> bool:
    """Whether the rule lets the caller in.

    `row` is what is to be read, if that is known yet, and `owner` the id in its owner field, if it has one.
    """
    caller = scope.caller
    match rule:
        case Public():
            return True
        case SignedIn():
            return caller is not None
        case Owner():
            return caller is not None and owner is not None and caller.id == owner
        case Group(name):
            return caller is not None and name in caller.groups
        case Tenant(name):
            return caller is not None and caller.tenant == name
        case When():
            return row is not None and _passes(rule, scope, row)
        case All(parts):
            return all(allows(part, scope, row, owner) for part in parts)
        case Either(parts):
            return any(allows(part, scope, row, owner) for part in parts)
        case Denied():
            return False
        case _:
            raise TypeError(f"unknown rule {rule!r}")


def may_read(entity: EntityModel, row: Any, scope: Scope) -> bool:
    """Whether the caller may read this instance of the entity."""
    return allows(entity.allow, scope, row, owner_of(entity, row))


def require(rule: Rule, scope: Scope, row: Any = None, owner: str | None = None) -> None:
    """Raise `Unauthenticated` or `Forbidden` unless the caller may: call an operation, or read of a row."""
    if allows(rule, scope, row, owner):
        return
    what = "do this" if row is None else "read this field"
    if scope.caller is None:
        raise Unauthenticated(f"Sign in to {what}.")
    raise Forbidden(f"You may not {what}.")


def owner_of(entity: EntityModel | None, row: Any) -> str | None:
    """The id of the user whom a row belongs to."""
    return getattr(row, entity.owner) if entity is not None and entity.owner else None


def _passes(rule: When, scope: Scope, row: Any) -> bool:
    """Whether the test lets the caller in. One that fails to answer is noted, and lets nobody in."""
    try:
        answer = rule.test(row, scope.caller)
        if not isinstance(answer, bool):  # a coroutine, say, which would be true
            raise TypeError(f"`{rule}` answered a {type(answer).__name__} where it must answer a bool")
    except Exception as wrong:
        scope.journal.failures.append(wrong)
        return False
    return answer
