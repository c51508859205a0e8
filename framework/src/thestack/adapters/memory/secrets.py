"""Secrets in memory."""

import asyncio

from thestack.ports.secrets import MissingSecret


class MemorySecrets:
    """Keeps the secrets that a test gives it. `fetched` are the names that were asked for, in order."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self._values: dict[str, str] = {}

    async def fetch(self, name: str) -> str:
        self.fetched.append(name)
        await asyncio.sleep(0)
        if name not in self._values:
            raise MissingSecret(f"no secret `{name}` is kept in memory; give it by `keep`")
        return self._values[name]

    def keep(self, name: str, value: str) -> None:
        """Keep a value under a name, in place of the one before."""
        self._values[name] = value
