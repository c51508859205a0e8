"""aiobotocore clients that are opened once."""

import asyncio
from functools import partial
from typing import Any

from aiobotocore.session import AioSession
from botocore.config import Config

BOUNDED = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})


class KeptClient:
    """A client of one service, opened at its first use and kept, with its connections, until `close`.

    It belongs to the event loop that opened it. `options` are those of aiobotocore's `create_client`: region,
    endpoint, credentials.
    """

    def __init__(self, session: AioSession, service: str, config: Config | None, **options: Any) -> None:
        self._open = partial(session.create_client, service, config=config or BOUNDED, **options)
        self._context: Any = None
        self._client: Any = None
        self._opening = asyncio.Lock()

    async def get(self) -> Any:
        """The open client."""
        async with self._opening:
            if self._client is None:
                self._context = self._open()
                self._client = await self._context.__aenter__()
        return self._client

    async def close(self) -> None:
        """Close its connections. The next use opens it again."""
        if self._client is not None:
            await self._context.__aexit__(None, None, None)
            self._client = None
