"""Connections of clients that stay open, so that they can be told something."""

from typing import Protocol


class Gone(Exception):
    """The connection is closed: nobody hears it any more."""


class Sockets(Protocol):
    """Open WebSocket connections, by their ids."""

    async def post(self, connection: str, text: str) -> None:
        """Send a text frame of at most `LARGEST_FRAME` bytes. Raises `Gone`."""
        ...

    async def close(self, connection: str, code: int, reason: str) -> None:
        """Close a connection, and say why; no error where it is closed already."""
        ...


LARGEST_FRAME = 120 * 1024
"""API Gateway sends 128 KB at most."""
