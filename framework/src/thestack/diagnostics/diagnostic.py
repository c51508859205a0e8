"""A located mistake in a definition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from thestack.diagnostics.site import Site


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the declaration at a site is meant, so that its exact span can be found in the source.

    `kind` is one of: name, keyword, field and parameter (their types), field name, parameter name, returns,
    decorator, body; `name` says which one. A keyword's may be a path: `function.memory`, which is `memory` in
    `function=Function(memory=1)`.
    """

    kind: str = "name"
    name: str = ""


class Severity(StrEnum):
    """Whether a report refuses, or only warns."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: a stable `code` ("S0101"), what is wrong, where, and what to do about it."""

    code: str
    message: str
    site: Site
    part: Part = field(default_factory=Part)
    help: str = ""
    severity: Severity = Severity.ERROR


class DefinitionError(Exception):
    """A definition has mistakes; `diagnostics` are all of them."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(f"{d.code} {d.site.file}:{d.site.line}: {d.message}" for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


def alike(name: str, candidates: Iterable[str]) -> list[str]:
    """The candidate that is most like the name, if one is."""
    from difflib import get_close_matches  # only a mistake needs it

    return get_close_matches(name, list(candidates), n=1)


def nearest(name: str, candidates: Iterable[str]) -> str:
    """A sentence that names the nearest right name, or lists the right ones."""
    known = sorted(set(candidates))
    close = alike(name, known)
    if close:
        return f"Did you mean `{close[0]}`?"
    return f"There is {', '.join(f'`{each}`' for each in known)}." if known else ""
