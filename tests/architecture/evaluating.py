"""What IAM makes of policies and a request, as far as this repository's policies go.

What it does not know, it refuses to guess: an unknown operator or a policy variable is an `AssertionError`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.architecture.resolved import listed

Decision = Literal["allowed", "denied", "not allowed"]
Policy = Mapping[str, Any]
Context = Mapping[str, str | Sequence[str]]
"""The keys of conditions; one that has several values has them in a list."""
FULL_ACCESS: Policy = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
"""AWS's own FullAWSAccess, which stands beside every service control policy; or an administrator's rights."""


@dataclass(frozen=True)
class Request:
    """One action on one resource. `context` holds the keys of conditions; keys that it lacks are not there.

    `principal` is who asks, for the policy of a resource: "service:cloudtrail.amazonaws.com", or an ARN.
    """

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict[str, str | Sequence[str]])
    principal: str | None = None


def decide(request: Request, *policies: Policy) -> Decision:
    """What these policies come to together: an explicit denial wins, then whatever allows it."""
    effects = {each["Effect"] for each in _statements(policies) if _applies(each, request)}
    if "Deny" in effects:
        return "denied"
    return "allowed" if "Allow" in effects else "not allowed"


def _statements(policies: Sequence[Policy]) -> Iterator[Mapping[str, Any]]:
    for policy in policies:
        yield from listed(policy["Statement"])


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    return (
        _named(statement, "Action", request.action, ignore_case=True)
        and _named(statement, "Resource", request.resource)
        and _is_principal(statement.get("Principal"), request.principal)
        and all(
            _holds(operator, key, listed(values), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _named(statement: Mapping[str, Any], what: str, value: str, *, ignore_case: bool = False) -> bool:
    if what in statement:
        return any(_like(pattern, value, ignore_case) for pattern in listed(statement[what]))
    if f"Not{what}" in statement:
        return not any(_like(pattern, value, ignore_case) for pattern in listed(statement[f"Not{what}"]))
    return what == "Resource"  # a trust policy names none


def _is_principal(principal: Any, asking: str | None) -> bool:
    if principal is None or principal == "*":
        return True
    assert asking is not None, "say who asks: the policy is a resource's"
    found = [
        f"service:{each}" if kind == "Service" else each
        for kind, names in principal.items()
        for each in listed(names)
    ]
    return any(name in {"*", asking} for name in found)


def _holds(operator: str, key: str, expected: Sequence[Any], context: Context) -> bool:
    """Whether a condition holds. A key that is not there fails what must be so, and not what must not.

    `ForAllValues:` holds where every value does, and therefore where the key has none, or is not there.
    """
    each, _, rest = operator.partition(":")
    if rest:
        assert each == "ForAllValues", f"the operator {operator} is not known here"
        given = listed({name.lower(): value for name, value in context.items()}.get(key.lower(), []))
        return all(_holds(rest, key, expected, {key: value}) for value in given)
    values = [str(each).lower() if isinstance(each, bool) else str(each) for each in expected]
    assert not any("${" in value for value in values), f"a policy variable in {values}"
    found = {name.lower(): value for name, value in context.items()}.get(key.lower())
    if operator == "Null":
        return (found is None) == (values == ["true"])
    assert found is None or isinstance(found, str), f"{key} has several values: say ForAllValues"
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    negated = "Not" in operator
    if found is None:
        return if_exists or negated
    match operator.replace("Not", ""):
        case "StringEquals":
            matches = found in values
        case "StringLike" | "ArnLike" | "ArnEquals":
            matches = any(_like(value, found) for value in values)
        case "Bool":
            matches = found.lower() in values
        case other:
            raise AssertionError(f"the condition {other} is not known here")
    return matches != negated


def _like(pattern: str, value: str, ignore_case: bool = False) -> bool:
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(text, value, re.IGNORECASE if ignore_case else 0) is not None
