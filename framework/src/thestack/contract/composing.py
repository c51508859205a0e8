"""What the composer says against the subgraphs, as findings about places of definitions."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from thestack.contract.blame import Blame
from thestack.contract.composition import CompositionError, Mistake
from thestack.contract.findings import Finding, Level

_SIDES = re.compile(r'subgraphs? ((?:"[^"]+"(?:, | and )?)+)')
HELPS: Mapping[str, str] = {
    "C101": "The subgraph breaks a rule of federation by itself, whatever the others say.",
    "C102": "Give it the same type in each of them, or another name in one; "
    "to change it, change all of them in steps that compose.",
    "C103": "Mark the field `shareable` in each of them, let one take it over by `override`, "
    "or drop it in one.",
    "C104": "Give the entity a key by which the router finds it where the field is, "
    "or answer the field in that subgraph too.",
    "C105": "Let at least one service answer a query.",
}
_CODES: Mapping[str, str] = {
    "INVALID_FIELD_SHARING": "C103",
    "SATISFIABILITY_ERROR": "C104",
    "NO_QUERIES": "C105",
    "NO_SUBGRAPH": "C105",
}


def mistakes_found(error: CompositionError, blame: Blame) -> Iterator[Finding]:
    """The composer's mistakes; one that takes several subgraphs is told at those of them that changed what it
    is about, or at the one that took it away, or at all of them where none did. Of the fields of a type that
    can't be reached the first is told, with the names of the others.
    """
    unreached: dict[tuple[str, str], list[Finding]] = {}
    for finding in _each(error, blame):
        if finding.code == "C104":
            unreached.setdefault((finding.service, finding.about.partition(".")[0]), []).append(finding)
        else:
            yield finding
    for first, *others in unreached.values():
        named = sorted({each.about for each in others} - {first.about})
        more = f"; nor can {', '.join(named)}" if named else ""
        yield replace(first, message=first.message + more)


def _each(error: CompositionError, blame: Blame) -> Iterator[Finding]:
    for mistake in error.mistakes:
        about = blame.known(mistake.message)
        sides = _sides(mistake, about, blame)
        touched = [] if mistake.subgraph else blame.at(about)
        culprits = [each for each in sides if each in touched] or touched
        for service in culprits or [each for each in sides if each in blame.changed] or sides or [""]:
            others = tuple(f"subgraph {each}" for each in sides if each != service)
            yield _finding(mistake, service, about, others)


def _finding(mistake: Mistake, service: str, about: str, others: tuple[str, ...]) -> Finding:
    code = _CODES.get(mistake.code, "C101" if mistake.subgraph else "C102")
    text = " ".join(mistake.message.split()).replace(": - ", ": ").replace(". - ", "; ").rstrip(".")
    message = f"{text} [{mistake.code}]"
    return Finding(code, Level.BREAKING, service, message, about, others, HELPS[code])


def _sides(mistake: Mistake, about: str, blame: Blame) -> list[str]:
    """The subgraphs that the mistake is between."""
    if mistake.subgraph:
        return [mistake.subgraph]
    named = [name for part in _SIDES.findall(mistake.message) for name in re.findall(r'"([^"]+)"', part)]
    known = [each for each in dict.fromkeys(named) if each in blame.after]
    return known or list(blame.with_element(about)) or list(blame.changed)
