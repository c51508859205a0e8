"""The edit that a help sentence says, for programs that make it: a report as JSON has it as `fix`.

A help that needs no person's decision begins with one of these forms; what it says further is for people.

- "Did you mean `x`?": `x` takes the place of the wrong name in what is marked; a class is renamed wherever
  the file names it, a parameter wherever its function does.
- "Write `x`": `x` takes the place of what is marked. `name=value` is set in the brackets around it, a call
  `f(1)` takes the place of the call of `f` around it, `name: Type` or `name: Type = 1` of the field or the
  parameter, `def f():` or `class C(B):` of the first line of the declaration.
- "Add `x`": to the declaration that is marked, as a keyword `name=value`, a line `name: Type` or `name = 1`
  of a class, or a return type `-> Type`.
- "Delete `x`": out of the declaration that is marked, where it is marked. "Delete it": what is marked.
- "Import it: `from module import name`".

A form with "..." in its code leaves something to a person, and says no edit.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from thestack.diagnostics.diagnostic import Diagnostic
from thestack.diagnostics.locate import Locator
from thestack.diagnostics.source import Source, Span

FORM = re.compile(r"(Did you mean|Write|Add|Delete|Import it:)(?: the)? (?:`([^`]+)`(.*)|it\b)", re.S)
ELSEWHERE = re.compile(r" (above|below|over|under|before|after|and)\b")
HEADER = re.compile(r"(async def|def|class) .*:", re.DOTALL)
DECLARED = re.compile(r"(\w+): \S")
Part = ast.expr | ast.arg
Function = ast.FunctionDef | ast.AsyncFunctionDef
Brackets = ast.Call | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Edit:
    """What a place in a file becomes; an empty place is an insertion."""

    span: Span
    text: str


def edits(diagnostic: Diagnostic, locator: Locator) -> tuple[Edit, ...]:
    """The edits of the mistake's file that its help says; none where it leaves something to a person."""
    form = FORM.match(diagnostic.help)
    if form is None:
        return ()
    verb, code, rest = form[1], form[2] or "", form[3] or ""
    if "..." in code or ELSEWHERE.match(rest):
        return ()
    place = _Place(locator.source(diagnostic.site.file), locator.locate(diagnostic), diagnostic)
    match verb:
        case "Did you mean":
            return tuple(place.named(code))
        case "Write":
            return tuple(place.written(code))
        case "Add":
            return tuple(place.added(code))
        case "Delete":
            return tuple(place.deleted(code))
        case _:
            return tuple(place.imported(code))


class _Place:
    """What is marked, in its file."""

    def __init__(self, source: Source, mark: Span, diagnostic: Diagnostic) -> None:
        self.source, self.mark, self.diagnostic = source, mark, diagnostic
        self.text = "\n".join(source.lines)
        self.start = self.offset(mark.line, mark.column)
        self.end = self.offset(mark.end_line, mark.end_column)

    def offset(self, line: int, column: int) -> int:
        return sum(len(each) + 1 for each in self.source.lines[: line - 1]) + column - 1

    def edit(self, start: int, end: int, text: str) -> Edit:
        places = [
            (self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)) for at in (start, end)
        ]
        return Edit(Span(*places[0], *places[1]), text)

    def colon(self, declaration: Function | ast.ClassDef) -> int:
        """The colon that ends the first line of a class or a function."""
        return self.text.rindex(":", 0, self.ends(declaration.body[0])[0])

    def ends(self, node: Part | ast.stmt | ast.keyword, *, decorated: bool = True) -> tuple[int, int]:
        span = self.source.span(node)
        start = self.offset(span.line, span.column)
        if isinstance(node, ast.arg) and node.annotation:
            return start, self.ends(node.annotation)[1]
        if decorated and isinstance(node, Function | ast.ClassDef):
            # A decorator's expression begins after its @.
            start = min([start, *(self.ends(each)[0] - 1 for each in node.decorator_list)])
        return start, self.offset(span.end_line, span.end_column)

    def named(self, name: str) -> Iterator[Edit]:
        marked = self.text[self.start : self.end]
        if self.diagnostic.part.kind == "name" and marked == self.diagnostic.site.name:
            yield from self.renamed(marked, name, 0, len(self.text))
            return
        if self.diagnostic.part.kind == "parameter name":
            for function in self.functions():
                yield from self.renamed(marked, name, *self.ends(function))
                return
        # What is wrong is said last; a declaration that is marked for want of the part itself is not.
        for word in reversed(re.findall(r"`([^`]+)`", self.diagnostic.message)):
            wrong = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", marked)
            if wrong and marked != self.diagnostic.site.name:
                yield self.edit(self.start + wrong.start(), self.start + wrong.end(), name)
                return

    def renamed(self, before: str, after: str, start: int, end: int) -> Iterator[Edit]:
        for found in re.finditer(rf"\b{re.escape(before)}\b", self.text[start:end]):
            yield self.edit(start + found.start(), start + found.end(), after)

    def written(self, code: str) -> Iterator[Edit]:
        keyword, is_keyword, _ = code.partition("=")
        if is_keyword and keyword.isidentifier():
            yield from self.keyword(keyword, code)
            return
        declared = DECLARED.match(code)
        if declared:
            yield from self.declared(declared[1], code, with_default=" = " in code)
            return
        if HEADER.fullmatch(code):
            for each in self.around():
                if isinstance(each, Function | ast.ClassDef):
                    start = self.ends(each, decorated=False)[0]
                    yield self.edit(start, self.colon(each) + 1, code)
                    return
        called = code.partition("(")[0]
        for each in self.around():
            if isinstance(each, ast.Call) and "(" in code and ast.unparse(each.func) == called:
                yield self.edit(*self.ends(each), code)
                return
        yield self.edit(self.start, self.end, code)

    def declared(self, name: str, code: str, with_default: bool) -> Iterator[Edit]:
        """The field or the parameter of this name at what is marked becomes the code."""
        found: list[tuple[Part, Part, Part | None]] = []
        for each in self.around():
            if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == name:
                found.append((each.target, each.annotation, each.value))
        for function in self.functions():
            found += [(each, each, default) for each, default in _parameters(function) if each.arg == name]
        for target, annotation, default in found[:1]:
            last = default if default and with_default else annotation
            yield self.edit(self.ends(target)[0], self.ends(last)[1], code)

    def added(self, code: str) -> Iterator[Edit]:
        keyword, is_keyword, _ = code.partition("=")
        if is_keyword and keyword.isidentifier():
            yield from self.keyword(keyword, code)
        elif code.startswith("->"):
            for each in self.functions():
                colon = self.colon(each)
                yield self.edit(colon, colon, f" {code}")
                return
        elif re.match(r"\w+(: | = )", code):
            owner = next(each for each in self.around() if isinstance(each, ast.ClassDef))
            fields = [each for each in owner.body if isinstance(each, ast.AnnAssign | ast.Assign)]
            at, last = self.ends((fields or owner.body)[-1]), (fields or owner.body)[-1]
            yield self.edit(at[1], at[1], "\n" + " " * last.col_offset + code)

    def keyword(self, name: str, code: str) -> Iterator[Edit]:
        owners = list(self.brackets())
        for owner in owners:
            for given in owner.keywords:
                if given.arg == name:
                    yield self.edit(*self.ends(given), code)
                    return
        for owner in owners[:1]:
            first = owner.args if isinstance(owner, ast.Call) else owner.bases
            given_ = [*first, *(each.value for each in owner.keywords)]
            end = max((self.ends(each)[1] for each in given_), default=0)
            if end:
                yield self.edit(end, end, f", {code}")
            elif isinstance(owner, ast.Call):
                end = self.ends(owner)[1] - 1
                yield self.edit(end, end, code)

    def deleted(self, code: str) -> Iterator[Edit]:
        start, end = self.start, self.end
        if code:
            statement = next((each for each in self.around() if isinstance(each, ast.stmt)), None)
            low, high = self.ends(statement) if statement else (self.start, self.end)
            starts = [low + found.start() for found in re.finditer(re.escape(code), self.text[low:high])]
            marked = [each for each in starts if each + len(code) > self.start]
            if not starts:
                return
            start = (marked or starts)[0]
            end = start + len(code)
        elif self.diagnostic.part.kind in ("name", "field name"):
            for each in self.around():
                if isinstance(each, ast.stmt):
                    start, end = self.ends(each)
                    break
        after = re.match(r"\s*,[ \t]*", self.text[end:])
        alone = re.search(r"(^|\s)$", self.text[:start]) and re.match(r" ", self.text[end:])
        before = re.search(r",\s*$", self.text[:start])
        if after:
            end += after.end()
        elif before:
            start = before.start()
        elif alone:
            end += 1
        yield self.edit(start, end, "")

    def imported(self, code: str) -> Iterator[Edit]:
        body = self.source.tree.body
        first = next((each for each in body if _is_import(each)), None)
        at = self.ends(first)[0] if first else 0
        yield self.edit(at, at, f"{code}\n")

    def around(self) -> list[ast.expr | ast.stmt]:
        """The syntax nodes that what is marked is or lies in, the innermost first."""
        nodes = (each for each in ast.walk(self.source.tree) if isinstance(each, ast.expr | ast.stmt))
        spans = ((*self.ends(each), each) for each in nodes)
        found = [(end - start, each) for start, end, each in spans if start <= self.start and self.end <= end]
        return [each for _, each in sorted(found, key=lambda each: each[0])]

    def functions(self) -> Iterator[Function]:
        return (each for each in self.around() if isinstance(each, Function))

    def brackets(self) -> Iterator[Brackets]:
        """Where a keyword may stand: the calls and class headers around, and the decorators of functions."""
        for each in self.around():
            if isinstance(each, ast.Call | ast.ClassDef):
                yield each
            if isinstance(each, Function):
                yield from (one for one in reversed(each.decorator_list) if isinstance(one, ast.Call))


def _is_import(statement: ast.stmt) -> bool:
    future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    return isinstance(statement, ast.Import | ast.ImportFrom) and not future


def _parameters(function: Function) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """The parameters of a function, each with its default."""
    given = function.args
    plain = [*given.posonlyargs, *given.args]
    bare = [None] * (len(plain) - len(given.defaults))
    yield from zip(plain, [*bare, *given.defaults], strict=True)
    yield from zip(given.kwonlyargs, given.kw_defaults, strict=True)
