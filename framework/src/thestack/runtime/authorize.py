"""The authorizer's decision, and the caller that its claims stand for downstream."""

from collections.abc import Mapping
from typing import Any

from thestack.definition.scalars import Id
from thestack.ports import Claims, Identity, InvalidToken
from thestack.runtime.scope import Identified


async def authorize(identity: Identity, header: str) -> Claims | None:
    """The claims of a `Bearer` token, or None where it proves nothing.

    The decision holds for the whole API, whatever the path.
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    try:
        return await identity.verify(token.strip())
    except InvalidToken:
        return None


def to_context(claims: Claims) -> dict[str, str]:
    """Claims as the strings that travel in `requestContext.authorizer.lambda`."""
    return {
        "sub": claims.subject,
        "tenant": claims.tenant,
        "groups": " ".join(sorted(claims.groups)),
        "client_id": claims.client,
        "exp": str(int(claims.expires.timestamp())),
    }


def caller_of(context: Mapping[str, Any] | None) -> Identified | None:
    """The caller in that context, or None for an anonymous request."""
    if not context or not context.get("sub"):
        return None
    return Identified(
        Id(context["sub"]), context["tenant"], frozenset(str(context.get("groups", "")).split())
    )
