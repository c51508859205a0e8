"""Reports of mistakes: as text for people, as JSON for programs, as annotations for GitHub."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from thestack.diagnostics.diagnostic import Diagnostic, Severity
from thestack.diagnostics.edits import edits
from thestack.diagnostics.locate import Locator
from thestack.diagnostics.source import Source, Span

GUTTER = "bold blue"
ERROR = "bold red"
WARNING = "bold yellow"
TAB = "    "
EXCERPT_LINES = 6


@dataclass(frozen=True, slots=True)
class Located:
    """A mistake with its place, as it is shown:
    `file` is relative to the working folder where it lies within it.
    """

    diagnostic: Diagnostic
    file: str
    span: Span
    source: Source


def docs_page(code: str) -> str:
    """The page that explains a code."""
    return f"docs/diagnostics/{code}.md"


def locate_all(diagnostics: Iterable[Diagnostic], folder: Path | None = None) -> list[Located]:
    """The mistakes with their places, each once, in the order of files and lines;
    `folder` is what paths are relative to.
    """
    locator, base = Locator(), folder or Path.cwd()
    found = [
        Located(each, _relative(each.site.file, base), locator.locate(each), locator.source(each.site.file))
        for each in dict.fromkeys(diagnostics)
    ]
    return sorted(found, key=lambda each: (each.file, each.span.line, each.span.column, each.diagnostic.code))


def to_text(diagnostics: Sequence[Diagnostic], folder: Path | None = None) -> Text:
    """The whole report, with its summary line.

    Print it on a `rich` console, which leaves the colours out where there are none.
    """
    located = locate_all(diagnostics, folder)
    text = Text()
    for each in located:
        text.append_text(_block(each)).append("\n\n")
    return text.append(summary(located), style="bold")


def show(diagnostics: Sequence[Diagnostic], console: Console, folder: Path | None = None) -> None:
    """Print the report on a console, without wrapping: carets stay under what they mark."""
    console.print(to_text(diagnostics, folder), soft_wrap=True, highlight=False)


def to_json(diagnostics: Sequence[Diagnostic], folder: Path | None = None) -> list[dict[str, object]]:
    """The report as plain data.

    Lines and columns count characters from 1; the end column is the first one after the place. `fix` are the
    edits that the help says, each a `text` for a place, empty where the help leaves something to a person.
    """
    locator = Locator()
    return [
        {
            "code": each.diagnostic.code,
            "severity": each.diagnostic.severity.value,
            "message": each.diagnostic.message,
            "file": each.file,
            **_place(each.span),
            "help": each.diagnostic.help,
            "docs": docs_page(each.diagnostic.code),
            "fix": [{**_place(edit.span), "text": edit.text} for edit in edits(each.diagnostic, locator)],
        }
        for each in locate_all(diagnostics, folder)
    ]


def _place(span: Span) -> dict[str, int]:
    """The place as JSON and GitHub count it."""
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def to_github(diagnostics: Sequence[Diagnostic], folder: Path | None = None) -> str:
    """The report as workflow commands, which GitHub shows as annotations beside the lines."""
    return "\n".join(_annotation(each) for each in locate_all(diagnostics, folder))


def summary(located: Sequence[Located]) -> str:
    """How much is wrong: "3 mistakes and 1 warning in 2 services"."""
    services = len({Path(each.file).parent for each in located})
    warnings = sum(each.diagnostic.severity is Severity.WARNING for each in located)
    counted = [(len(located) - warnings, "mistake"), (warnings, "warning")]
    said = " and ".join(_count(number, noun) for number, noun in counted if number)
    return f"{said or 'no mistakes'} in {_count(services, 'service')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _relative(file: str, base: Path) -> str:
    path = Path(file)
    return os.fspath(path.relative_to(base)) if path.is_relative_to(base) else file


def _block(located: Located) -> Text:
    diagnostic, span = located.diagnostic, located.span
    lines = list(_excerpt(located.source, span))
    width = max((len(number) for number, _, _ in lines), default=1)
    style = ERROR if diagnostic.severity is Severity.ERROR else WARNING
    head = f"{diagnostic.severity}[{diagnostic.code}]"
    text = Text.assemble((head, style), (f": {diagnostic.message}\n", "bold"))
    text.append(" " * width + "--> ", GUTTER).append(f"{located.file}:{span.line}:{span.column}")
    if lines:
        text.append(f"\n{' ' * width} |", GUTTER)
    for number, content, style in lines:
        text.append(f"\n{number:>{width}} |", GUTTER).append(f" {content}".rstrip(), style)
    text.append(f"\n{' ' * width} |", GUTTER)
    for label, value in (("help", diagnostic.help), ("docs", docs_page(diagnostic.code))):
        if value:
            text.append(f"\n{' ' * width} = ", GUTTER).append(f"{label}: ", "bold").append(value)
    return text


def _excerpt(source: Source, span: Span) -> Iterator[tuple[str, str, str]]:
    """The lines of a place, each a number, a text and a style, with what is meant marked."""
    if not source.line(span.line).strip():
        return
    if span.line == span.end_line:
        line = source.line(span.line)
        before, meant = line[: span.column - 1], line[span.column - 1 : span.end_column - 1]
        yield str(span.line), line.expandtabs(len(TAB)), ""
        indent = cell_len(before.expandtabs(len(TAB)))
        yield "", " " * indent + "^" * max(cell_len(meant.replace("\t", TAB)), 1), ERROR
        return
    numbers = range(span.line, span.end_line + 1)
    shown = numbers if len(numbers) <= EXCERPT_LINES else (*numbers[: EXCERPT_LINES - 2], 0, numbers[-1])
    for number in shown:
        mark = "/" if number == span.line else "|"
        line = source.line(number).expandtabs(len(TAB)) if number else "..."
        yield str(number or ""), f"{mark} {line}", ""
    end = cell_len(source.line(span.end_line)[: span.end_column - 2].expandtabs(len(TAB)))
    yield "", "|" + "_" * (end + 1) + "^", ERROR


def _annotation(located: Located) -> str:
    diagnostic, span = located.diagnostic, located.span
    place = {
        "file": located.file,
        "line": span.line,
        "endLine": span.end_line,
        "col": span.column,
        "endColumn": span.end_column,
        "title": diagnostic.code,
    }
    properties = ",".join(f"{name}={_escape(str(value), ':,')}" for name, value in place.items())
    message = " ".join(filter(None, (diagnostic.message + ".", diagnostic.help)))
    return f"::{diagnostic.severity} {properties}::{_escape(message)}"


def _escape(value: str, further: str = "") -> str:
    return "".join(f"%{ord(each):02X}" if each in f"%\r\n{further}" else each for each in value)
