"""Workers, as whoever sends them events sees them: forked by the nursery, or a process of the router."""

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from thestack.local.process import Supervised
from thestack.local.run import Run
from thestack.operations.errors import OperationError
from thestack.toolchain.tools import Toolchain

_SERVE = Path(__file__).resolve().parents[1] / "router" / "serve.mjs"
Lines = Callable[[str], None]
"""Is told each line that a worker prints."""


class WorkerDied(Exception):
    """The worker ended before it answered."""


class WorkerBroken(Exception):
    """The worker could not load its handler; `error` is what Lambda would answer: errorType, errorMessage."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['errorType']}: {error['errorMessage']}")
        self.error = error


class Worker:
    """One execution environment; it takes one event at a time. `kill` ends its process at once."""

    def __init__(self, talk: socket.socket, kill: Callable[[], None]) -> None:
        self._talk, self.kill = talk, kill
        self._lines = talk.makefile("rwb")

    def ready(self) -> "Worker":
        """The worker, once it has loaded its handler. Raises `WorkerBroken` or `WorkerDied`."""
        said = self._read()
        if "error" in said:
            self.close()
            raise WorkerBroken(said["error"])
        return self

    def take(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What the handler makes of an event: `{"result"}` or `{"error"}`.

        Raises `WorkerDied`, also where the event's deadline passes.
        """
        self._talk.settimeout(max(0.1, asked["deadline"] / 1000 - time.time()) if asked["deadline"] else None)
        try:
            self._lines.write(json.dumps(asked).encode() + b"\n")
            self._lines.flush()
        except OSError:
            raise WorkerDied from None
        return self._read()

    def close(self) -> None:
        """Let it end, once it has answered what it was asked."""
        with contextlib.suppress(OSError):
            self._lines.close()
        self._talk.close()

    def _read(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            raise WorkerDied
        answer: dict[str, Any] = json.loads(line)
        return answer


class Nursery:
    """Forks Python workers of the project at `root`. Left, it and all of them end."""

    def __init__(self, root: Path, run: Run) -> None:
        self._root, self._asking = root, threading.Lock()
        self._ask, theirs = socket.socketpair()
        self.log = run.folder / "nursery.log"
        with theirs:
            self._process = Supervised(
                [sys.executable, "-m", "thestack.development.nursery", str(theirs.fileno())],
                env=os.environ,
                cwd=root,
                output=self.log,
                folder=run.folder,
                keep=[run.lock],
                give=[theirs.fileno()],
            )

    def is_alive(self) -> bool:
        """Whether it can fork."""
        return self._process.poll() is None

    def fork(self, handler: str, variables: Mapping[str, str], lines: Lines) -> Worker:
        """A new worker, which may still be loading its handler. Raises `OperationError`."""
        ours, theirs = socket.socketpair()
        asked = {"handler": handler, "root": str(self._root), "variables": dict(variables)}
        with theirs, _printing(lines) as output, self._asking:
            try:
                socket.send_fds(self._ask, [json.dumps(asked).encode()], [theirs.fileno(), output])
                child = int(self._ask.recv(32))
            except (OSError, ValueError):
                ours.close()
                raise OperationError(
                    f"no worker for {handler} could be started; {self.log} says why; start the stack again"
                ) from None

        def kill() -> None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

        return Worker(ours, kill)

    def close(self) -> None:
        """End it, and all its workers."""
        self._ask.close()
        self._process.stop()


def start_router(
    tools: Toolchain, run: Run, bundle: Path, variables: Mapping[str, str], lines: Lines
) -> Worker:
    """A worker that runs the router's bundle in a folder, on Node."""
    ours, theirs = socket.socketpair()
    with theirs, _printing(lines) as output:
        process = Supervised(
            [tools.node, _SERVE, bundle, str(theirs.fileno())],
            env=variables,
            cwd=run.folder,
            output=output,
            keep=[run.lock],
            give=[theirs.fileno()],
        )
    return Worker(ours, process.stop)


@contextmanager
def _printing(lines: Lines) -> Iterator[int]:
    """A descriptor to hand over; a thread tells `lines` what is written to it, until its last holder ends."""
    read, write = os.pipe()

    def follow() -> None:
        with open(read, encoding="utf-8", errors="replace") as output:
            for line in output:
                if text := line.rstrip("\n"):
                    lines(text)

    threading.Thread(target=follow, daemon=True).start()
    try:
        yield write
    finally:
        os.close(write)
