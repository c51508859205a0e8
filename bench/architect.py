"""The same small app on Architect's sandbox, as a measure of what a local stack can be."""

import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.client import Client
from bench.figures import Figure, Measurement, NotMeasured, Say, median_of, percentile_of
from thestack.local.listeners import listeners
from thestack.local.process import Supervised
from thestack.toolchain.tools import ensure_npm, node_executable

STARTS = 3
REQUESTS = 30
ROWS = 20
EVENTS = 50
HOST = "127.0.0.1"
_APP = Path(__file__).parent / "architect"
_PARTS = ("app.arc", "src")
_START_SECONDS = 30.0
_SETTLE_SECONDS = 15.0
_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox, what it prints, and how many seconds its first answer took."""

    url: str
    said: Path
    seconds: float


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Starts, requests and events of the sandbox."""
    home = root / ".stack/bench/architect"
    ensure_npm(_APP, home, "Architect", say)
    say(f"{STARTS} starts")
    starts: list[float] = []
    for _ in range(STARTS - 1):
        with _sandbox(home) as sandbox:
            starts.append(sandbox.seconds)
    with _sandbox(home) as sandbox:
        starts.append(sandbox.seconds)
        with Client(sandbox.url) as client:
            ids = [_create(client, number) for number in range(ROWS)]
            say(f"{REQUESTS} requests of each kind")
            one = _timed(lambda: client.request("GET", f"/todos/{ids[7]}"))
            many = _timed(lambda: client.request("GET", "/todos"))
            say(f"{EVENTS} events, one after another")
            waits = _events(client, sandbox.said)
    figures = {
        "development.start": median_of("architect.start", "start → first answer", "s", starts),
        "stack.get": median_of("architect.get", "get one", "ms", one),
        "stack.list": median_of("architect.list", f"list {ROWS}", "ms", many),
        "stack.event.median": median_of(
            "architect.event.median", "event: the request's answer → effect, median", "ms", waits
        ),
        "stack.event.p99": percentile_of(
            "architect.event.p99", "event: the request's answer → effect, p99", "ms", waits, 99
        ),
    }
    return [replace(figure, beside=ours) for ours, figure in figures.items()]


@contextmanager
def _sandbox(home: Path) -> Iterator[Sandbox]:
    """The app in a sandbox that listens on loopback only. Raises `NotMeasured` if it does not come up."""
    with tempfile.TemporaryDirectory(dir=home, prefix="app-") as name:  # below node_modules, which it finds
        folder, said = Path(name), Path(name) / "sandbox.log"
        for part in _PARTS:
            source = _APP / part
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / part)
        port = _free_port()
        program = home / "node_modules/@architect/sandbox/src/cli/cli.js"
        command: list[str | Path] = [node_executable(), program, "--host", HOST, "--port", str(port)]
        began = time.monotonic()
        with (
            Supervised(command, env=_environment(folder), cwd=folder, output=said) as process,
            Client(f"http://{HOST}:{port}") as client,
        ):
            while not _answers(client):
                if process.poll() is not None or time.monotonic() > began + _START_SECONDS:
                    raise NotMeasured(f"Architect's sandbox did not come up: {said.read_text()[-400:]}")
                time.sleep(_STEP)
            seconds = time.monotonic() - began
            for host, where in listeners(process.pid):
                if not host.is_loopback:
                    raise NotMeasured(
                        f"Architect's sandbox listens on {host}:{where}, which others can reach"
                    )
            yield Sandbox(f"http://{HOST}:{port}", said, seconds)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the user's, credentials of nobody, and no look at the network for updates."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "test",
        "CI": "1",
        "HOME": str(folder),
        "NO_UPDATE_NOTIFIER": "1",
        "PATH": os.pathsep.join((str(node_executable().parent), "/usr/bin", "/bin")),
    }


def _answers(client: Client) -> bool:
    try:
        client.request("GET", "/todos")
    except NotMeasured:
        return False
    return True


def _create(client: Client, number: int) -> str:
    return str(client.request("POST", "/todos", {"title": f"Number {number}"})["id"])


def _timed(ask: Callable[[], Any]) -> list[float]:
    samples: list[float] = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        ask()
        samples.append((time.perf_counter() - began) * 1000)
    return samples


def _events(client: Client, said: Path) -> list[float]:
    """Milliseconds from the answer to a request to what its event's consumer prints after its write."""
    waits: list[float] = []
    for number in range(EVENTS):
        id, answered = _create(client, number), time.time()
        deadline = time.monotonic() + _SETTLE_SECONDS
        while id not in (effects := _effects(said)):
            if time.monotonic() > deadline:
                raise NotMeasured(f"event {number} took no effect in {_SETTLE_SECONDS:.0f} s")
            time.sleep(_STEP)
        waits.append((effects[id] - answered) * 1000)
    return waits


def _effects(said: Path) -> dict[str, float]:
    """When each todo's event took effect, by the todo's id."""
    lines = [line for line in said.read_text(encoding="utf-8").splitlines() if line.startswith('{"effected"')]
    return {told["effected"]: told["at"] / 1000 for told in map(json.loads, lines)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


_METHOD = """\
A todo app of the same shape (bench/architect) on the local stack of another framework, and beside each
figure the one of this stack from earlier in the same run, not in turns: its start is that of `thestack dev`,
the rest that of the built bundles. What differs: the sandbox answers plain HTTP where this stack answers
GraphQL behind an authorizer and a router; it starts a process for each invocation; an event goes from the
function straight to its consumer by HTTP, with no outbox, bus or queue on the way, and nothing enforces
permissions. Its events come one after another, each when the one before took effect; the latency is from the
request's answer to the line that the consumer prints after its write.
"""
ARCHITECT = Measurement("architect", "The same app on Architect's sandbox", _METHOD.strip(), measure)
