"""What the authorizers of the HTTP API share: how they know CloudFront."""

import asyncio
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from thestack.runtime.origin import HEADER, Origin

KEPT = "THESTACK_ORIGIN_KEPT"


def origin_of(loop: asyncio.Runner, environ: Mapping[str, str] = os.environ) -> Origin | None:
    """CloudFront as the variables name it, its secrets fetched; None where nothing stands before the API."""
    name = environ.get("THESTACK_ORIGIN")
    if not name:
        return None
    from thestack.adapters.aws.clock import SystemClock
    from thestack.adapters.aws.secrets import SsmSecrets
    from thestack.entry.wiring import client

    origin = Origin(SsmSecrets(client("ssm"), ""), name, SystemClock(), timedelta(seconds=int(environ[KEPT])))
    loop.run(origin.warm())
    return origin


async def came_through(origin: Origin | None, headers: Mapping[str, Any]) -> bool:
    """Whether a request may be looked at further."""
    return origin is None or await origin.vouches_for(str(headers.get(HEADER, "")))
