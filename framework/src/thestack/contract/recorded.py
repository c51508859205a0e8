"""The files of the operations that the router recorded: one a client, a section for each operation.

    # operation 3f9a6c0d51be, last seen 2026-11-25
    query Todos { todos(first: 0) { nodes { id } } }

A section is a document of its own: two of them may name a fragment alike. Literals are not in it (the
router leaves them out), so that nothing of a user is in these files, and they may be committed. To forget an
operation that nobody asks any more, delete its section.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

RECORDED = "recorded"
"""The folder beside the frontends: `frontends/recorded/operations/CLIENT.graphql`."""
MOST = 1000
"""Operations that are kept of one client."""
_HEAD = re.compile(r"^# operation ([0-9a-f]{12}), last seen (\d{4}-\d{2}-\d{2})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """An operation with its fragments. `hash` is of the text, as the router says it; empty where a file was
    written by hand.
    """

    hash: str
    seen: date | None
    text: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A client's file as it should be, and how many operations are new in it or did not fit."""

    text: str
    new: int
    left_out: int


def path_of(client: str) -> str:
    """The file of a client, within the project."""
    return f"frontends/{RECORDED}/operations/{client}.graphql"


def sections(text: str) -> list[Section]:
    """The operations of a recorded file. A text without headings is one section."""
    heads = list(_HEAD.finditer(text))
    if not heads:
        return [Section("", None, text)] if text.strip() else []
    ends = [*(each.start() for each in heads[1:]), len(text)]
    return [
        Section(head[1], date.fromisoformat(head[2]), text[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    ]


def merged(text: str, seen: Iterable[Section]) -> Merged:
    """The file with what was seen since: new operations are added, known ones get their newest date.

    At most `MOST` stay, those that were seen last.
    """
    known = {each.hash or each.text: each for each in sections(text)}
    before = len(known)
    for each in seen:
        older = known.get(each.hash)
        dates = [found.seen for found in (older, each) if found and found.seen]
        known[each.hash] = Section(each.hash, max(dates, default=None), each.text)
    newest = sorted(known.values(), key=lambda each: (each.seen or date.min, each.hash), reverse=True)
    kept = sorted(newest[:MOST], key=lambda each: each.hash)
    return Merged("\n".join(_written(each) for each in kept), len(known) - before, max(0, len(newest) - MOST))


def _written(section: Section) -> str:
    if section.seen is None:
        return f"{section.text.strip()}\n"
    return f"# operation {section.hash}, last seen {section.seen.isoformat()}\n{section.text.strip()}\n"
