"""The functions of a stack that run from the source: each with workers of its own, as many as it has to do at
once.

A service that is being changed is held: its events wait until the new code has loaded, or the old one goes
on.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from thestack.development.workers import Worker, WorkerBroken, WorkerDied

MOST = 4
"""Workers of one function: more would wait for the same cores."""
_HELD_SECONDS = 30.0

Start = Callable[[], Worker]
"""Starts one worker of a function. It may still be loading when this returns."""
Said = Callable[[str], None]


class NoSuchFunction(Exception):
    """There is no function of this name, or it has no code that loads."""


@dataclass(slots=True)
class Running:
    """A worker with the generation of code that it has loaded."""

    worker: Worker
    generation: int


class Function:
    """One function: hands each event to a worker that is free."""

    def __init__(self, name: str, service: str, start: Start, said: Said, most: int = MOST) -> None:
        """`most`: how many workers it has at once; with 1, the old one ends before new code is loaded."""
        self.name, self.service = name, service
        self._start, self._said, self._limit = start, said, most
        self._changed = threading.Condition()
        self._idle: list[Running] = []
        self._count = self._generation = 0
        self._most = most
        self._held = False

    def take(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What the handler makes of the event. Raises `WorkerDied` or `NoSuchFunction`."""
        running = self._free()
        try:
            answer = running.worker.take(asked)
        except WorkerDied:
            self._lost(running)
            raise
        self._back(running)
        return answer

    def hold(self) -> None:
        """Let events wait from now on."""
        with self._changed:
            self._held = True

    def release(self) -> None:
        """Let them go on, with the code that there is."""
        with self._changed:
            self._held = False
            self._changed.notify_all()

    def renew(self, start: Start | None = None) -> None:
        """Load the code anew, and let every event from then on have it; what is under way ends with the old.

        Raises `WorkerBroken` or `WorkerDied`, and then the old code goes on.
        """
        start = start or self._start
        if self._limit == 1:
            self._end(self._idle)
        worker = start().ready()
        with self._changed:
            self._start, self._generation = start, self._generation + 1
            old, self._idle = self._idle, [Running(worker, self._generation)]
            self._count, self._most, self._held = 1, self._limit, False
            self._changed.notify_all()
        self._end(old)

    def close(self) -> None:
        """End the workers."""
        with self._changed:
            self._generation += 1
            old, self._idle, self._count = self._idle, [], 0
            self._most, self._held = 0, False
            self._changed.notify_all()
        self._end(old)

    def _free(self) -> Running:
        deadline = time.monotonic() + _HELD_SECONDS
        with self._changed:
            while True:
                self._changed.wait_for(self._may_go, max(0, deadline - time.monotonic()))
                if self._idle:
                    return self._idle.pop()
                if not self._most:
                    raise NoSuchFunction(f"{self.name} has ended")
                if self._count < self._most:
                    self._count += 1
                    start, generation = self._start, self._generation
                    break
                if time.monotonic() > deadline:
                    raise NoSuchFunction(f"{self.name} is busy, or waits for its code")
        try:
            return Running(start().ready(), generation)
        except (WorkerBroken, WorkerDied) as wrong:
            with self._changed:
                if generation == self._generation:
                    self._count -= 1
                    self._most = self._count or self._limit
                others = self._count or generation != self._generation
            if others:  # the code on disk is broken: those who have loaded it before do the work
                return self._free()
            raise NoSuchFunction(f"{self.name} does not load: {wrong}") from None

    def _may_go(self) -> bool:
        return not self._held and (bool(self._idle) or self._count < self._most or not self._most)

    def _back(self, running: Running) -> None:
        with self._changed:
            if running.generation == self._generation:
                self._idle.append(running)
                self._changed.notify()
                return
        running.worker.close()

    def _end(self, workers: Sequence[Running]) -> None:
        for each in workers:
            each.worker.close()

    def _lost(self, running: Running) -> None:
        running.worker.close()
        running.worker.kill()
        with self._changed:
            if running.generation != self._generation:
                return
            self._count -= 1
            self._changed.notify()
        self._said(f"a worker of {self.name} died; the next event starts another")


class Functions:
    """All functions, by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Function] = {}

    def take(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        """What the function of this name makes of an event. Raises `WorkerDied` or `NoSuchFunction`."""
        function = self._by_name.get(name)
        if function is None:
            raise NoSuchFunction(f"there is no function {name}")
        return function.take(asked)

    def put(self, function: Function) -> None:
        """Add one."""
        self._by_name[function.name] = function

    def drop(self, names: Iterable[str]) -> None:
        """End these."""
        for name in names:
            self._by_name.pop(name).close()

    def of(self, service: str) -> list[Function]:
        """Those of a service."""
        return [each for each in list(self._by_name.values()) if each.service == service]

    def close(self) -> None:
        """End all."""
        self.drop(list(self._by_name))
