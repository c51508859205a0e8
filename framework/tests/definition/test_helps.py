"""Whoever follows the helps of a report gets a definition that loads.

Where a help leaves a decision to a person, `NAME.fixed.py` beside the fixture is one that was made: see
fixtures/mistakes/README.md.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from thestack.definition.execute import forget
from thestack.definition.load import load_all
from thestack.diagnostics.diagnostic import Diagnostic
from thestack.diagnostics.edits import Edit, edits
from thestack.diagnostics.locate import Locator

Project = Callable[[str], Path]

MISTAKES = Path(__file__).parents[1] / "fixtures/mistakes"
FIXTURES = sorted(path.stem for path in MISTAKES.glob("*.py") if not path.stem.endswith(".fixed"))
ROUNDS = 6
"""How often more mistakes may come to light once some are gone."""

OPEN = re.compile(r"(,\\ )?\\\.\\\.\\\.")
IMPORT = re.compile(r"\s*(from .*|import .*|\w+,|\)|)$")


@pytest.mark.parametrize("name", FIXTURES)
def test_a_help_that_is_followed_makes_the_definition_load(name: str, project: Project) -> None:
    file, by_hand = MISTAKES / f"{name}.py", MISTAKES / f"{name}.fixed.py"
    root = project(file.read_text(encoding="utf-8"))
    reported = report(root)
    places = [*declarations(reported)]
    before = {each: each.read_text(encoding="utf-8") for each in root.glob("services/*/service.py")}

    left = follow(root)
    listed = "\n".join(f"{each.code} {each.message}: {each.help}" for each in left)
    if not by_hand.exists():
        assert not left, f"no program can follow these helps; write {by_hand.name}:\n{listed}"
        return

    assert left, f"{by_hand.name} is not needed: a program can follow every help"
    fixed = by_hand.read_text(encoding="utf-8")
    assert report(project(fixed)) == []
    for each in left:
        is_followed = not is_code(each.help) or any(re.search(said, fixed) for said in snippets(each))
        assert is_followed, f"{by_hand.name} does not follow: {each.help}"
    for path, text in before.items():
        if not path.exists():  # the service was renamed
            continue
        now = path.read_text(encoding="utf-8")
        near = [place for place in places if place.file == path]
        helps = [said for each in (*reported, *left) for said in snippets(each)]
        assert list(elsewhere(text, now, near, helps)) == [], f"{by_hand.name} changes what no help speaks of"


@dataclass(frozen=True)
class Place:
    """The lines of a declaration in which something is wrong."""

    file: Path
    first: int
    last: int


def report(root: Path) -> list[Diagnostic]:
    for name in [name for name in sys.modules if name.startswith("services.")]:
        forget(name)
    return [each for loaded in load_all(root) for each in loaded.diagnostics]


def follow(root: Path) -> list[Diagnostic]:
    """Follow the helps that a program can follow; what is wrong then."""
    for _ in range(ROUNDS):
        mistakes, changed = report(root), False
        locator = Locator()
        by_file: dict[str, list[Edit]] = {}
        for each in mistakes:
            by_file.setdefault(each.site.file, []).extend(edits(each, locator))
        for file, found in by_file.items():
            text = Path(file).read_text(encoding="utf-8")
            followed = applied(text, found)
            Path(file).write_text(followed, encoding="utf-8")
            changed |= followed != text
        if not changed:
            return mistakes
    return report(root)


def applied(text: str, found: Iterable[Edit]) -> str:
    """The text after the edits, from the last to the first; of two in one place, the first."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    limit = len(text) + 1
    for each in sorted(dict.fromkeys(found), key=lambda edit: (edit.span.line, edit.span.column))[::-1]:
        start = starts[each.span.line - 1] + each.span.column - 1
        end = starts[each.span.end_line - 1] + each.span.end_column - 1
        if end <= limit and start < limit:
            text, limit = text[:start] + each.text + text[end:], start
    return text


def declarations(mistakes: Iterable[Diagnostic]) -> Iterator[Place]:
    """Where something is wrong: the marked lines, and the declaration around them."""
    locator = Locator()
    for each in mistakes:
        span, file = locator.locate(each), Path(each.site.file)
        yield Place(file, span.line, span.end_line)
        for node in locator.source(each.site.file).tree.body:
            decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
            first, last = min([node.lineno, *(one.lineno for one in decorators)]), node.end_lineno or 0
            if first <= span.line <= last:
                yield Place(file, first, last)


def is_code(help: str) -> bool:
    """Whether a help says something that can be looked for in a file that follows it."""
    return any(mark in help for mark in ("=", "(", "[")) and "elete it" not in help


def snippets(mistake: Diagnostic) -> list[str]:
    """The code that a help says, as patterns: "..." and the names of examples stand for what is decided."""
    patterns = [re.escape(each) for each in re.findall(r"`([^`]+)`", mistake.help)]
    return [re.sub(r"\bTodo\b|\btodos?\b|\bX\b", r"\\w+", OPEN.sub(".*?", each)) for each in patterns]


def elsewhere(before: str, after: str, places: Iterable[Place], helps: Iterable[str]) -> Iterator[str]:
    """What differs neither in nor next to a marked declaration, and is no import and nothing of the helps."""
    old, new = before.split("\n"), after.split("\n")
    for kind, first, last, low, high in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        text = "\n".join(new[low:high])
        is_near = any(first < place.last + 2 and last >= place.first - 2 for place in places)
        is_import = all(IMPORT.match(line) for line in (*old[first:last], *new[low:high]))
        is_said = any(re.search(said, text) for said in helps)
        if kind != "equal" and not (is_near or is_import or is_said):
            yield text
