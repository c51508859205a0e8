"""WebSocket connections in memory."""

from collections import defaultdict

from thestack.ports.sockets import Gone


class MemorySockets:
    """Keeps what was posted in `posted`, by connection, and in `closed` why it was closed.

    `leave` is a client that goes without a word.
    """

    def __init__(self) -> None:
        self.posted: dict[str, list[str]] = defaultdict(list)
        self.closed: dict[str, tuple[int, str]] = {}
        self._left: set[str] = set()

    async def post(self, connection: str, text: str) -> None:
        if connection in self.closed or connection in self._left:
            raise Gone(connection)
        self.posted[connection].append(text)

    async def close(self, connection: str, code: int, reason: str) -> None:
        self.closed.setdefault(connection, (code, reason))

    def leave(self, connection: str) -> None:
        """The client is gone."""
        self._left.add(connection)
