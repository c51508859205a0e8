"""Lambda authorizer of the HTTP API: one cached decision for the whole API."""

import asyncio
import re
import time
from typing import Any

from thestack.entry.identity import identity_of_pool
from thestack.entry.origin import came_through, origin_of
from thestack.entry.telemetry import WENT_WELL, Telemetry
from thestack.ports import Claims
from thestack.runtime.authorize import authorize, to_context

telemetry = Telemetry("http", service="authorizer")
identity = identity_of_pool()
loop = asyncio.Runner()
origin = origin_of(loop)
CORRELATION_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """HTTP API authorizer, payload 2.0, simple response."""
    began = time.perf_counter()
    headers = event.get("headers") or {}
    claims = loop.run(decide(headers))
    if "requestContext" in event:
        telemetry.tell(
            WENT_WELL if claims else "refused",
            began,
            correlation_id=correlation_of(headers, event["requestContext"]),
        )
    else:  # a call that only starts the function
        telemetry.logger.info("started")
    if claims is None:
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": to_context(claims)}


async def decide(headers: dict[str, str]) -> Claims | None:
    """Who asks; None for a token that proves nothing, and for any that did not come through CloudFront."""
    if not await came_through(origin, headers):
        return None
    return await authorize(identity, headers.get("authorization", ""))


def correlation_of(headers: dict[str, str], context: dict[str, Any]) -> str | None:
    """The correlation id that the router will go by: the client's, if it is one, else the request's."""
    given = headers.get("x-correlation-id", "")
    return given if CORRELATION_ID.fullmatch(given) else context.get("requestId")
