"""Values that are kept outside the code, and are nobody else's to know."""

from typing import Protocol


class MissingSecret(Exception):
    """Nothing is kept under this name; the message says where it was looked for."""


class SecretStore(Protocol):
    """Where the secrets of one service are kept: SSM's parameters, Secrets Manager, or memory."""

    async def fetch(self, name: str) -> str:
        """The value that is kept under this name now. Raises `MissingSecret`."""
        ...
