"""From a mistake to its exact place in the source: the characters to underline."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.site import Site
from thestack.diagnostics.source import Node, Source, Span

Function = ast.FunctionDef | ast.AsyncFunctionDef
Declaration = ast.ClassDef | Function


@dataclass(frozen=True, slots=True)
class Raised(Diagnostic):
    """A mistake that Python itself found, at a place that it told."""

    span: Span | None = None


class Locator:
    """Finds the spans of a report's mistakes; reads each file once."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}

    def source(self, file: str) -> Source:
        """The text of a file."""
        if file not in self._sources:
            self._sources[file] = Source(file)
        return self._sources[file]

    def locate(self, diagnostic: Diagnostic) -> Span:
        """The span of the part that is meant, of the declaration that it belongs to, or else of the line."""
        if isinstance(diagnostic, Raised) and diagnostic.span:
            return diagnostic.span
        source, site, part = self.source(diagnostic.site.file), diagnostic.site, diagnostic.part
        declaration = _declaration(source.tree, site)
        if declaration:
            node = _within(source.tree, declaration, part, site.line)
            if node is None:
                return _name(source, declaration)
            return source.span(node if part.kind == "body" else _narrowed(node, diagnostic.message))
        call = _call(source.tree, site)
        if call:
            return source.span(_narrowed(_within_call(call, site, part), diagnostic.message))
        return source.whole(site.line)


def _first_line(node: Declaration) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _declaration(tree: ast.Module, site: Site) -> Declaration | None:
    """The class or function of the site:
    the innermost one of its name that starts last, at its line or before.
    """
    named = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name == site.name
        and _first_line(node) <= site.line <= (node.end_lineno or node.lineno)
    ]
    return max(named, key=_first_line, default=None)


def _call(tree: ast.Module, site: Site) -> ast.Call | None:
    """The outermost call at the site's line: `Service("todo")`, `service.crud(Todo)`."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return next(
        (call for call in calls if call.lineno <= site.line <= (call.end_lineno or call.lineno)), None
    )


def _within_call(call: ast.Call, site: Site, part: Part) -> ast.expr | ast.keyword:
    keyword = _keyword(call, part.name)
    if keyword and part.kind in ("keyword", "decorator"):
        return keyword
    first = call.args[0] if call.args and part.kind == "name" else call
    return first if ast.unparse(first) in (site.name, repr(site.name)) else call


def _keyword(call: ast.Call | ast.ClassDef, path: str) -> ast.keyword | None:
    """The keyword of this name, or of a path of names: `memory` in `function=Function(memory=1)`."""
    name, _, inner = path.partition(".")
    found = next((keyword for keyword in call.keywords if keyword.arg == name), None)
    if found is None or not inner:
        return found
    calls = [node for node in ast.walk(found.value) if isinstance(node, ast.Call)]
    return next((deeper for each in calls if (deeper := _keyword(each, inner))), found)


def _within(tree: ast.Module, declaration: Declaration, part: Part, line: int) -> Node | None:
    match part.kind, declaration:
        case "keyword", ast.ClassDef():
            return _keyword(declaration, part.name)
        case "field", ast.ClassDef():
            name, _, inner = part.name.partition(".")
            found = _field(tree, declaration, name, frozenset())
            return (isinstance(found, ast.Call) and _keyword(found, inner)) or found
        case "field name", ast.ClassDef():
            return _field_name(declaration, part.name)
        case (("decorator" | "keyword"), _):
            return _decorator(declaration, part.name, line)
        case "parameter name", ast.FunctionDef() | ast.AsyncFunctionDef():
            return next((each for each in _parameters(declaration) if each.arg == part.name), None)
        case "parameter", ast.FunctionDef() | ast.AsyncFunctionDef():
            return next(
                (each.annotation or each for each in _parameters(declaration) if each.arg == part.name), None
            )
        case "returns", ast.FunctionDef() | ast.AsyncFunctionDef():
            return declaration.returns
        case "body", _:
            return _mention(declaration, part.name)
        case _:
            return None


def _narrowed(node: Node, message: str) -> Node:
    """What the message names in backticks, if it stands within the node:
    `sku` of `refs=["id", Key("sku")]`; the last one.
    """
    for word in re.findall(r"`([^`]+)`", message):
        found = [each for each in ast.walk(node) if isinstance(each, ast.expr) and _says(each, word)]
        if found:
            return max(found, key=lambda each: (each.lineno, each.col_offset))
    return node


def _says(expression: ast.expr, word: str) -> bool:
    match expression:
        case ast.Constant(value=str(text)):
            return word in (text, repr(text))
        case ast.Call(func=called) if word == f"{ast.unparse(called)}(...)":
            return True
        case _:
            return ast.unparse(expression) == word


def _field(
    tree: ast.Module, owner: ast.ClassDef, name: str, seen: frozenset[str]
) -> ast.expr | ast.stmt | None:
    """A field's annotation or an index's value, in the class or in a base of the same file."""
    for statement in owner.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=found), annotation=annotation) if found == name:
                return annotation
            case ast.Assign(targets=targets, value=value) if any(
                isinstance(target, ast.Name) and target.id == name for target in targets
            ):
                return value
    bases = {base.id for base in owner.bases if isinstance(base, ast.Name)} - seen - {owner.name}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in bases]
    inherited = (_field(tree, base, name, seen | {owner.name}) for base in classes)
    return next((found for found in inherited if found), None)


def _field_name(owner: ast.ClassDef, name: str) -> ast.expr | None:
    fields = (each.target for each in owner.body if isinstance(each, ast.AnnAssign))
    return next((each for each in fields if isinstance(each, ast.Name) and each.id == name), None)


def _decorator(declaration: Declaration, keyword: str, line: int) -> ast.expr | ast.keyword | None:
    """The keyword of a decorator if it is there, else the decorator at the site's line."""
    calls = [each for each in declaration.decorator_list if isinstance(each, ast.Call)]
    found = next((given for call in calls if (given := _keyword(call, keyword))), None)
    at_line = (
        each for each in declaration.decorator_list if each.lineno <= line <= (each.end_lineno or each.lineno)
    )
    return found or next(at_line, None)


def _parameters(function: Function) -> Iterator[ast.arg]:
    arguments = function.args
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (each for each in (arguments.vararg, arguments.kwarg) if each)


def _mention(declaration: Declaration, name: str) -> ast.expr | None:
    """The first expression of the body that is `name`, a text too, reads the attribute `name` or calls it."""
    walked = (
        node for statement in declaration.body for node in ast.walk(statement) if isinstance(node, ast.expr)
    )
    found = (
        node
        for node in walked
        if isinstance(node, ast.Name | ast.Attribute | ast.Constant)
        and (ast.unparse(node) == name or (isinstance(node, ast.Attribute) and node.attr == name))
    )
    return min(found, key=lambda node: (node.lineno, node.col_offset), default=None)


def _name(source: Source, declaration: Declaration) -> Span:
    """The declared name itself, which the syntax tree does not place."""
    line = declaration.lineno
    text = source.line(line)
    start = source.column(line, declaration.col_offset) - 1
    found = re.compile(rf"(?:class|def)\s+({re.escape(declaration.name)})\b").search(text, start)
    if found is None:
        return source.whole(line)
    return Span(line, found.start(1) + 1, line, found.end(1) + 1)
