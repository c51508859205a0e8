"""Drives `thestack dev` as a developer does: saves files, reads what it says, asks the API."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from thestack.local.description import LocalStack
from thestack.local.signin import sign_in, sign_up
from thestack.testing.client import Client
from thestack.testing.waiting import eventually

PATIENCE = 90.0


@dataclass
class Dev:
    """A running `thestack dev --format json`, with what it printed so far."""

    root: Path
    process: "subprocess.Popen[str]"
    http: httpx.Client
    out: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    err: list[str] = field(default_factory=list[str])

    @property
    def said(self) -> str:
        """Its reports."""
        return "".join(self.err)

    @property
    def stack(self) -> LocalStack:
        """The stack, as it is described last."""
        told = [each for each in self.out if "api_id" in each][-1]
        known = {name: told[name] for name in LocalStack.__dataclass_fields__}
        return LocalStack(**{**known, "left_out": tuple(known["left_out"])})

    def says(self, text: str, after: int = 0) -> str:
        """What it reported after the first `after` characters, once that has `text` in it."""

        def look() -> bool:
            assert self.process.poll() is None or text in self.said[after:], self.said
            return text in self.said[after:]

        eventually(look, within=PATIENCE, what=f"{text!r} in {self.said[after:]!r}")
        return self.said[after:]

    def save(self, path: str, text: str) -> int:
        """Save a file of the project; answers how much was reported before."""
        before = len(self.said)
        file = self.root / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        return before

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[int]:
        """While entered, the file has `new` in the place of `old`; afterwards, what it had is served."""
        was = (self.root / path).read_text()
        assert old in was
        yield self.save(path, was.replace(old, new))
        service = Path(path).parts[1]
        self.says(f"{service} serves its new code", self.save(path, was))

    def client(self, name: str) -> Client:
        """A signed-up user of the stack as it is now."""
        stack, email = self.stack, f"{name}@example.com"
        sign_up(stack, email)
        return Client(stack, self.http, sign_in(stack, email))


@contextmanager
def developing(root: Path, *options: str, within: Sequence[str] = ()) -> Iterator[Dev]:
    """`thestack dev` in a project, ready; ended by Ctrl-C. `within`: a command that runs it."""
    command = [*within, sys.executable, "-m", "thestack.cli", "dev", "--json", *options]
    process = subprocess.Popen(
        command,
        cwd=root,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    dev = Dev(root, process, httpx.Client())
    assert process.stdout
    assert process.stderr
    readers = [
        threading.Thread(target=lambda: dev.out.extend(map(json.loads, process.stdout or ()))),
        threading.Thread(target=lambda: dev.err.extend(process.stderr or ())),
    ]
    for reader in readers:
        reader.start()
    try:
        dev.says("every function has started")
        eventually(lambda: dev.out, what="the stack")
        yield dev
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        for reader in readers:
            reader.join()
        dev.http.close()
        process.stdout.close()
        process.stderr.close()
    assert code == 0, dev.said
    assert "Traceback" not in dev.said
