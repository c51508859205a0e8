"""The text of a file that has mistakes, its syntax tree, and places in it."""

import ast
import re
import tokenize
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

Node = ast.expr | ast.stmt | ast.arg | ast.keyword


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a file's text.

    Lines and columns count characters from 1; the end column is the first one after the range.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class Source:
    """A file's text and syntax tree.

    A file that can't be read has no lines, one that can't be parsed no tree.
    """

    def __init__(self, file: str) -> None:
        try:
            content = Path(file).read_bytes()
        except OSError:
            content = b""
        try:
            encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
        except SyntaxError:
            encoding = "utf-8"
        # Python ends a line at these three only; str.splitlines knows more and would count differently.
        self.lines = re.split(r"\r\n|\r|\n", content.decode(encoding, errors="replace"))
        try:
            self.tree = ast.parse(content)
        except (SyntaxError, ValueError, RecursionError):
            self.tree = ast.Module([], [])

    def line(self, number: int) -> str:
        """The text of a line, empty where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def span(self, node: Node) -> Span:
        """The characters of a syntax node, whose own columns count bytes; of a parameter, its name."""
        if isinstance(node, ast.arg):
            start = self.column(node.lineno, node.col_offset)
            return Span(node.lineno, start, node.lineno, start + len(node.arg))
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(
            node.lineno, self.column(node.lineno, node.col_offset), end_line, self.column(end_line, end)
        )

    def column(self, line: int, offset: int) -> int:
        """The column of a byte offset within a line."""
        return len(self.line(line).encode()[:offset].decode(errors="replace")) + 1

    def whole(self, line: int) -> Span:
        """A line without its indentation."""
        text = self.line(line)
        start = len(text) - len(text.lstrip())
        return Span(line, start + 1, line, max(len(text.rstrip()), start + 1) + 1)
