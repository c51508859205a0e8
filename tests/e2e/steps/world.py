"""What the scenario acts on: the stack, the people, and the commands."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.e2e.steps.telling import StepFailed, Story, equal
from thestack.local.description import LocalStack
from thestack.local.signin import SignedIn
from thestack.operations.interruption import Pause

PATIENCE = 30.0
_T = TypeVar("_T")


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    body: Any

    @property
    def data(self) -> dict[str, Any]:
        """The data, of an answer without errors."""
        if self.status != 200 or self.body.get("errors"):
            raise StepFailed(f"no data but {self.status} {json.dumps(self.body)[:400]}")
        return dict(self.body["data"])

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error.get("extensions", {}).get("code", "") for error in self.body.get("errors", ())]


@dataclass
class World:
    """Everything the steps share."""

    root: Path
    stack: LocalStack
    story: Story
    http: httpx.Client
    pause: Pause
    people: dict[str, SignedIn] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def ask(self, who: str | None, query: str, url: str | None = None, **variables: Any) -> Answer:
        """Ask the API as somebody, or without a token."""
        token = self.people[who].access_token if who else None
        return self.ask_with(token, who or "nobody", query, url, variables)

    def ask_with(
        self,
        token: str | None,
        label: str,
        query: str,
        url: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask the API with this token."""
        began = time.perf_counter()
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": dict(variables or {})}
        response = self.http.post(url or self.stack.graphql, json=body, headers=headers)
        try:
            answered = response.json()
        except ValueError:
            answered = response.text
        said = json.dumps(answered) if not isinstance(answered, str) else answered
        given = f"  {json.dumps(variables)}" if variables else ""
        self.story.current.tell(f"{label}: {query}{given}", f"{response.status_code} {said}", began)
        return Answer(response.status_code, answered)

    def command(self, *arguments: str) -> Any:
        """Run `thestack ...` on this stack; answers what it reports."""
        began = time.perf_counter()
        whole = [*arguments, "--run", self.stack.run, "--format", "json"]
        done = subprocess.run(
            [sys.executable, "-m", "thestack.cli", *whole],
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.story.current.tell(f"$ thestack {' '.join(arguments)}", done.stdout or done.stderr, began)
        equal(done.returncode, 0, f"thestack {' '.join(arguments)}: {done.stderr.strip()}; its exit code")
        return json.loads(done.stdout)

    def eventually(self, what: str, look: Callable[[], _T | None], seconds: float = PATIENCE) -> _T:
        """What `look` finds, as soon as it finds something; told as one exchange."""
        began = time.perf_counter()
        while True:
            found = look()
            if found:
                self.story.current.tell(f"(waiting for {what})", found, began)
                return found
            if time.perf_counter() - began > seconds:
                raise StepFailed(f"{what} did not come within {seconds:.0f} s")
            self.pause(0.02)
