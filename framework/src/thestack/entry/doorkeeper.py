"""Lambda authorizer of the doors that ask for no token: lets in what came through CloudFront."""

import asyncio
import time
from typing import Any

from thestack.entry.origin import came_through, origin_of
from thestack.entry.telemetry import WENT_WELL, Telemetry

telemetry = Telemetry("http", service="doorkeeper")
loop = asyncio.Runner()
origin = origin_of(loop)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """HTTP API authorizer, payload 2.0, simple response."""
    began = time.perf_counter()
    is_welcome = loop.run(came_through(origin, event.get("headers") or {}))
    telemetry.tell(WENT_WELL if is_welcome else "refused", began)
    return {"isAuthorized": is_welcome}
