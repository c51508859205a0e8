"""Pushes that stay in memory, for tests."""

import asyncio

from services.notifications.push import DeadToken, Note, Platform, PushOff, PushRefused


class MemoryPush:
    """Keeps what was sent in `sent`, by endpoint. `platforms` are those that something delivers to."""

    def __init__(self, *platforms: Platform) -> None:
        self._platforms = platforms or tuple(Platform)
        self._tokens: dict[str, str] = {}
        self._dead: set[str] = set()
        self._failure: BaseException | None = None
        self.sent: list[tuple[str, Note]] = []

    async def register(self, platform: Platform, token: str) -> str:
        await asyncio.sleep(0)
        if platform not in self._platforms:
            raise PushOff(platform)
        if not token.strip():
            raise PushRefused("an empty token")
        endpoint = f"{platform}/{token}"
        self._tokens[endpoint] = token
        self._dead.discard(endpoint)
        return endpoint

    async def send(self, endpoint: str, note: Note) -> str:
        await asyncio.sleep(0)
        if self._failure:
            failure, self._failure = self._failure, None
            raise failure
        if endpoint not in self._tokens or endpoint in self._dead:
            raise DeadToken(endpoint)
        self.sent.append((endpoint, note))
        return f"push-{len(self.sent)}"

    async def drop(self, endpoint: str) -> None:
        await asyncio.sleep(0)
        self._tokens.pop(endpoint, None)

    def kill(self, endpoint: str) -> None:
        """Let the device take no more, as if the app had been deleted."""
        self._dead.add(endpoint)

    def fail_once(self, failure: BaseException) -> None:
        """Raise this in place of the next push."""
        self._failure = failure
