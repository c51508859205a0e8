"""One request through a router's bundle, with the plan that it is answered by."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PLAN = Path(__file__).with_name("plan.mjs")
_TIMEOUT = 60  # seconds; the router's own is shorter


class PlanUnavailable(Exception):
    """The router did not run; the message says why."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The router's answer to an HTTP API event, and the planner's tree; None where nothing was planned."""

    response: Mapping[str, Any]
    plan: Mapping[str, Any] | None


def answer(event: Mapping[str, Any], bundle: Path, *, node: Path, variables: Mapping[str, str]) -> Planned:
    """Answer the event (payload 2.0) as the router of this bundle does with these variables.

    Raises:
        PlanUnavailable: Node or the bundle stand in the way.
    """
    try:
        done = subprocess.run(
            [node, _PLAN, bundle],
            input=json.dumps(event),
            env=dict(variables),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PlanUnavailable(f"cannot run the router with {node}: {error}") from None
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if "Error:" in line]
        raise PlanUnavailable(f"cannot run the router: {lines[0] if lines else 'no reason given'}")
    said = json.loads(done.stdout)
    return Planned(said["response"], said["plan"])
