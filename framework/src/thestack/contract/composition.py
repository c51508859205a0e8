"""Composes the subgraphs of all services into one supergraph."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COMPOSE = Path(__file__).resolve().parent.parent / "router" / "compose.mjs"
_TIMEOUT = 60  # seconds; a composition takes less than one


@dataclass(frozen=True, slots=True)
class Supergraph:
    """What the router serves. A subgraph's address in it is `lambda://NAME`."""

    sdl: str
    """The supergraph SDL, which the router plans by."""
    public_sdl: str
    """The schema that clients see."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One reason why the subgraphs don't fit together.

    `code` is stable, `subgraph` is None if it takes several.
    """

    message: str
    code: str
    subgraph: str | None = None

    def __str__(self) -> str:
        return f"{self.subgraph or 'supergraph'}: {self.message} [{self.code}]"


class CompositionError(Exception):
    """The subgraphs don't compose: `mistakes` has every reason, the message a line for each."""

    def __init__(self, mistakes: Sequence[Mistake], subgraphs: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        named = sorted({mistake.subgraph for mistake in mistakes if mistake.subgraph}) or sorted(subgraphs)
        lines = [f"the subgraphs {', '.join(sorted(subgraphs))} do not compose into a supergraph:"]
        lines += [f"  {mistake}" for mistake in mistakes]
        lines.append(f"change the service.py of {' or '.join(named)} and compose again")
        super().__init__("\n".join(lines))


class ComposerUnavailable(Exception):
    """The composer did not run, so that nothing is known of the subgraphs; the message says why."""


Composed = Supergraph | CompositionError
"""What subgraphs come to: a supergraph, or why they don't."""


def compose(subgraphs: Mapping[str, str], *, node: Path, node_modules: Path) -> Supergraph:
    """Compose the SDL of each subgraph, by its name.

    Args:
        subgraphs: SDL with federation directives, by the service's name.
        node: The Node executable.
        node_modules: The router's npm packages, as `thestack.toolchain.tools` installs them.

    Raises:
        CompositionError: The subgraphs contradict each other, or one is no valid SDL.
        ComposerUnavailable: Node or its packages are missing.

    Example:
        >>> compose({"todo": todo_sdl, "media": media_sdl}, node=node, node_modules=packages).sdl  # doctest:
        +SKIP
    """
    (composed,) = compose_each([subgraphs], node=node, node_modules=node_modules)
    if isinstance(composed, CompositionError):
        raise composed
    return composed


def compose_each(sets: Sequence[Mapping[str, str]], *, node: Path, node_modules: Path) -> list[Composed]:
    """What each of these sets of subgraphs comes to, in their order, in one process.

    Raises `ComposerUnavailable`.
    """
    services = [[{"name": name, "typeDefs": each[name]} for name in sorted(each)] for each in sets]
    answers = _run(json.dumps({"sets": services}), node, node_modules)
    return [_composed(answer, list(each)) for answer, each in zip(answers, sets, strict=True)]


def _composed(answer: Mapping[str, Any], subgraphs: Sequence[str]) -> Composed:
    if errors := answer.get("errors"):
        mistakes = [Mistake(error["message"], error["code"], error.get("subgraph")) for error in errors]
        return CompositionError(mistakes, subgraphs)
    return Supergraph(answer["supergraphSdl"], answer["publicSdl"])


def _run(request: str, node: Path, node_modules: Path) -> list[dict[str, Any]]:
    try:
        done = subprocess.run(
            [node, _COMPOSE, node_modules],
            input=request,
            env={},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ComposerUnavailable(f"cannot compose the supergraph with {node}: {error}") from None
    if done.returncode != 0:
        reason = next(
            (line.strip() for line in done.stderr.splitlines() if "Error:" in line), "no reason given"
        )
        raise ComposerUnavailable(
            f"cannot compose the supergraph: {reason}; are the packages in {node_modules} complete?"
        )
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers
