"""Collects the parents that ask for a batched field in one turn of the event loop, and calls its handler once
for all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

CHUNK = 100


class Batch:
    """One field, with one set of arguments, of one request."""

    def __init__(self, run: Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]) -> None:
        self._run = run
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def load(self, parent: Any) -> Awaitable[Any]:
        """The value for this parent, once the batch that it joins has run."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._start)
        future: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((parent, future))
        return future

    def _start(self) -> None:
        waiting, self._waiting = self._waiting, []
        for first in range(0, len(waiting), CHUNK):
            task = asyncio.ensure_future(self._resolve(waiting[first : first + CHUNK]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _resolve(self, waiting: Sequence[tuple[Any, asyncio.Future[Any]]]) -> None:
        try:
            values = await self._run([parent for parent, _ in waiting])
            if len(values) != len(waiting):
                raise TypeError(f"a batch field answered {len(values)} values for {len(waiting)} parents")
        except Exception as wrong:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(wrong)
            return
        for (_, future), value in zip(waiting, values, strict=True):
            if not future.done():
                future.set_result(value)
