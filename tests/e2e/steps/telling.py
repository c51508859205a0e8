"""What the demo tells: each step with what was asked, what came back, and how long it took."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

WIDTH = 150


class StepFailed(Exception):
    """A step saw something else than it must; the message says what."""


@dataclass(frozen=True)
class Exchange:
    """One question and its answer."""

    asked: str
    answered: str
    ms: float


@dataclass
class Step:
    """One step of the scenario, while it runs and after."""

    number: int
    name: str
    exchanges: list[Exchange] = field(default_factory=list)
    ms: float = 0.0
    failure: str | None = None

    def tell(self, asked: str, answered: object, began: float) -> None:
        """Note an exchange that began at this `time.perf_counter()`."""
        text = answered if isinstance(answered, str) else json.dumps(answered, default=str)
        self.exchanges.append(Exchange(asked, text, (time.perf_counter() - began) * 1000))


@dataclass
class Story:
    """All steps, told as they happen: to people, or at the end as JSON."""

    console: Console
    as_json: bool = False
    steps: list[Step] = field(default_factory=list)

    @property
    def current(self) -> Step:
        return self.steps[-1]

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Run a step. What it raises is told with it and raised on."""
        step = Step(len(self.steps) + 1, name)
        self.steps.append(step)
        began = time.perf_counter()
        try:
            yield step
        except Exception as error:
            step.failure = str(error) or type(error).__name__
            raise
        finally:
            step.ms = (time.perf_counter() - began) * 1000
            if not self.as_json:
                self._show(step)

    def end(self, failure: str | None) -> None:
        """The last line."""
        if self.as_json:
            steps = [asdict(step) for step in self.steps]
            print(json.dumps({"passed": failure is None, "failure": failure, "steps": steps}, indent=2))
        elif failure is None:
            self.console.print(f"demo: {len(self.steps)} steps passed")
        else:
            self.console.print(f"demo: {failure}", style="bold red", markup=False)

    def _show(self, step: Step) -> None:
        mark, style = ("FAILED", "bold red") if step.failure else ("ok", "bold green")
        title = Text.assemble(
            (f"{step.number:>2}. {step.name}", "bold"), f"  {step.ms:.0f} ms  ", (mark, style)
        )
        self.console.print(title)
        for each in step.exchanges:
            self.console.print(Text(f"      > {_short(each.asked)}", style="cyan"))
            self.console.print(Text(f"      < {_short(each.answered)}  ({each.ms:.0f} ms)"))
        if step.failure:
            self.console.print(Text(f"      ! {step.failure}", style="red"))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def expect(is_so: bool, otherwise: str) -> None:
    """Fail the step unless it is so."""
    if not is_so:
        raise StepFailed(otherwise)


def equal(found: Any, wanted: Any, what: str) -> None:
    """Fail the step unless both are equal."""
    expect(found == wanted, f"{what}: expected {wanted!r}, found {found!r}")
