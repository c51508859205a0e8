"""The demo's order of events."""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
from rich.console import Console

from tests.e2e.steps import analytics, doors, events, media, notifications, todos
from tests.e2e.steps.telling import Story, equal
from tests.e2e.steps.world import PATIENCE, World
from thestack.contract.composition import ComposerUnavailable, CompositionError
from thestack.diagnostics.diagnostic import DefinitionError
from thestack.local.listeners import processes
from thestack.local.stack import start
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Interrupted, Interruption

ROOT = Path(__file__).parents[3]
Scenario = Sequence[tuple[str, Callable[[World], None]]]
SCENARIO: Scenario = (
    ("the functions run the built bundles", doors.built_bundles),
    ("alice, bob and sam sign up and in", doors.sign_everybody_up),
    ("without a token: 401", doors.no_token),
    ("a forged token is refused", doors.forged_tokens),
    ("an expired token is refused", doors.expired_token),
    ("the demo listens to the bus", events.tap),
    ("alice and bob create todos", todos.create),
    ("alice pages through hers", todos.page),
    ("alice edits one", todos.edit),
    ("alice completes it", todos.complete),
    ("alice deletes another", todos.delete),
    ("bob can't read or change what is alice's", todos.keep_out),
    ("alice's e-mail is in SES", events.emailed),
    ("one query joins two subgraphs", events.joined),
    ("a todo is due soon, and alice's phone takes pushes", notifications.due_soon),
    ("alice uploads an image, and sees its renditions", media.image),
    ("alice uploads a short video, which is transcoded", media.video),
    ("she attaches both, and one query joins them", media.attach),
    ("a wrong type, too many bytes, a fake and a bomb are refused or FAILED", media.refuse),
    ("what she deletes is gone, and its todo is without it", media.delete),
    ("sam's analytics count the events, and alice may not ask", events.counted),
    ("an event that is delivered twice has one effect", events.twice),
    ("a poisoned message ends in the DLQ with its reason", events.poisoned),
    ("redriven, it takes effect once", events.redriven),
    ("sam sees series, rankings and the funnel, and alice does not", analytics.told),
    ("every event lies in the archive as it came", analytics.archived),
    ("the projections are rebuilt from the archive, and are equal", analytics.rebuilt),
    ("alice's e-mail has two parts", notifications.two_parts),
    ("what is done has no reminder", notifications.called_off),
    ("alice reads what she was told", notifications.read),
    ("bob unsubscribes with one click, and gets no mail", notifications.unsubscribed),
    ("an address that bounced gets no mail", notifications.suppressed),
    ("what is due is told by e-mail and push", notifications.reminded),
)


def main(arguments: Sequence[str], scenario: Scenario = SCENARIO) -> int:
    """Run the stack and the scenario; answers the exit code."""
    parser = argparse.ArgumentParser(
        "make demo", description="Runs the stack and drives it through its public endpoint."
    )
    parser.add_argument("--json", action="store_true", help="report as JSON at the end")
    story = Story(Console(highlight=False, soft_wrap=True), parser.parse_args(arguments).json)
    with Interruption() as interruption:
        code, failure = _play(story, interruption, scenario)
        story.end(failure)
    return code


def _play(story: Story, interruption: Interruption, scenario: Scenario) -> tuple[int, str | None]:
    began = time.monotonic()

    def report(text: str) -> None:
        if not story.as_json:
            story.console.print(f"    {time.monotonic() - began:5.1f} s  {text}", style="dim", markup=False)

    try:
        with (
            start(ROOT, report=report, warm=True, pause=interruption.pause) as (stack, emulator),
            httpx.Client(timeout=PATIENCE, trust_env=False) as http,
        ):
            world = World(ROOT, stack, story, http, interruption.pause)
            for name, act in scenario:
                with story.step(name):
                    emulator.check()
                    try:
                        act(world)
                    finally:  # a command that Ctrl-C ended with us is no failed step
                        interruption.pause(0)
        with story.step("nothing is left of it"):
            _check_gone(story, emulator.process.pid, stack.endpoint, ROOT / ".stack" / "run" / stack.run)
    except Interrupted as error:
        return error.exit_code, str(error)
    except (ComposerUnavailable, CompositionError, DefinitionError, OperationError) as error:
        return 3, f"the stack does not run: {error}"
    except Exception as error:  # whatever a step meets, its name is what matters
        where = (
            f"step {story.steps[-1].number} failed, {story.steps[-1].name!r}"
            if story.steps
            else "the start failed"
        )
        return 1, f"{where}: {error!r}"
    return 0, None


def _check_gone(story: Story, session: int, endpoint: str, folder: Path) -> None:
    began = time.perf_counter()
    equal(processes(session), [], "processes")
    equal(os.path.exists(folder), False, "the run's folder")
    try:
        httpx.get(endpoint, trust_env=False, timeout=2)
    except httpx.ConnectError:
        story.current.tell("processes, port and folder of the run", "gone", began)
        return
    equal(True, False, "an answer from the stopped emulator")
