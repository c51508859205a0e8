"""What a person waits for while developing: the stack, a template, the answer of the code just saved."""

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from uuid import uuid4

from bench.checkout import checkout
from bench.client import Client
from bench.figures import Figure, Measurement, NotMeasured, Say, median_of
from thestack.local.description import LocalStack
from thestack.local.signin import sign_in, sign_up

STARTS, SYNTHESES, EDITS = 3, 3, 10
PATIENCE = 10.0
"""Seconds for an edit to show: beyond them nothing reloads."""
_START_SECONDS = 120.0
_STOP_SECONDS = 30.0
_STEP = 0.005
_THESTACK = (sys.executable, "-m", "thestack.cli")
_RESOLVER = re.compile(r"(?<=\n)(async def overdue\(.*\n    return ).*")
_CREATE = 'mutation { createTodo(input: { title: "Edit" }) { id } }'
_TEMPLATE = """\
import sys
from pathlib import Path
from uuid import uuid4
from thestack.infra.templates import make_templates
make_templates(Path.cwd(), "local", {"todo": sys.argv[1]})
"""
_ASK = "{ todos(first: 1) { nodes { overdue } } }"


@dataclass(frozen=True, slots=True)
class Started:
    """A `thestack dev` that answers, and how many seconds it took."""

    stack: LocalStack
    seconds: float


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Start, synthesize and edit, in a checkout of its own."""
    copy = checkout(root, say)
    say("starting once, so that templates are cached")
    with _dev(copy):
        pass
    say(f"{STARTS} starts")
    setups = [_seconds([sys.executable, ".ci/setup.py"], root) for _ in range(STARTS)]
    starts: list[float] = []
    for _ in range(STARTS - 1):
        with _dev(copy) as started:
            starts.append(started.seconds)
    with _dev(copy) as started:
        starts.append(started.seconds)
        say(f"{EDITS} edits")
        edit = _edits(started.stack, copy / "services/todo/service.py")
    say(f"{SYNTHESES} syntheses of one service")
    templates = [_seconds([sys.executable, "-c", _TEMPLATE, uuid4().hex], copy) for _ in range(SYNTHESES)]
    syntheses = [_synthesis(copy) for _ in range(SYNTHESES)]
    whole = [setup + start for setup, start in zip(setups, starts, strict=True)]
    return [
        median_of("development.setup", "`make setup` with nothing to do", "s", setups),
        median_of("development.start", "`thestack dev` → first supergraph answer", "s", starts),
        median_of("development.ready", "`make dev`: both", "s", whole, budget=3),
        median_of("development.edit", "edit → new answer", "s", edit, budget=1),
        median_of("development.template", "a service's template in the inner loop", "s", templates, budget=2),
        median_of("development.synth", "`thestack synth todo`, with its bundle", "s", syntheses),
    ]


@contextmanager
def _dev(copy: Path) -> Iterator[Started]:
    """A running `thestack dev`. Raises `NotMeasured` if it does not come up."""
    with tempfile.TemporaryFile() as told, tempfile.NamedTemporaryFile() as said:
        began = time.monotonic()
        command = [*_THESTACK, "dev", "--format", "json"]
        with subprocess.Popen(command, cwd=copy, stdout=said, stderr=told) as process:
            try:
                while (stack := _stack(Path(said.name))) is None:
                    if process.poll() is not None or time.monotonic() > began + _START_SECONDS:
                        told.seek(0)
                        why = told.read().decode(errors="replace")[-400:]
                        raise NotMeasured(f"`thestack dev` did not come up: {why}")
                    time.sleep(_STEP)
                yield Started(stack, time.monotonic() - began)
            finally:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()


def _stack(said: Path) -> LocalStack | None:
    """The stack that the command says it runs, among its records."""
    for line in said.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n") and "public_graphql" in (told := json.loads(line)):
            return LocalStack(**{field.name: told[field.name] for field in fields(LocalStack)})
    return None


def _edits(stack: LocalStack, file: Path) -> list[float]:
    """Seconds from each of some edits to the first answer by the new code."""
    email = "editor@example.com"
    sign_up(stack, email)
    with Client(stack.graphql, sign_in(stack, email).access_token) as client:
        client.ask(_CREATE)
        waits: list[float] = []
        for number in range(EDITS):
            wanted = number % 2 == 0
            text, times = _RESOLVER.subn(rf"\g<1>{wanted}", file.read_text(encoding="utf-8"))
            if times != 1:
                raise NotMeasured(f"{file.name} has no resolver `overdue` of two lines any more")
            file.write_text(text, encoding="utf-8")
            waits.append(_wait(client, wanted))
    return waits


def _wait(client: Client, wanted: bool) -> float:
    began = time.monotonic()
    while client.ask(_ASK)["todos"]["nodes"][0]["overdue"] is not wanted:
        if time.monotonic() > began + PATIENCE:
            raise NotMeasured(f"no hot reload: {PATIENCE:.0f} s after an edit the old code answers")
        time.sleep(_STEP)
    return time.monotonic() - began


def _synthesis(copy: Path) -> float:
    file = copy / "services/todo/service.py"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n# edit {uuid4()}\n", encoding="utf-8")
    return _seconds([*_THESTACK, "synth", "todo", "--env", "local", "--format", "json"], copy)


def _seconds(command: Sequence[str], where: Path) -> float:
    """How long a command takes. Raises `NotMeasured` if it fails."""
    began = time.monotonic()
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured(f"{' '.join(command[1:])} failed: {(done.stderr or done.stdout)[-400:]}")
    return time.monotonic() - began


_METHOD = """\
In a copy of the checkout, set up, templates cached by content: from starting the command to its word that
the supergraph answers. An edit changes what a resolver returns, back and forth, and a client asks through
the supergraph, as a signed-in user, until the new answer comes. A template in the inner loop is made by a
run of the CDK app for one service, without its bundle; the synthesis by the command follows an edit, so
that neither template nor bundle is in the cache.
"""
DEVELOPMENT = Measurement("development", "Development", _METHOD.strip(), measure)
