"""Annotations that name what stands further below.

They resolve when a definition is loaded, where annotations stay text; a Lambda function imports the same file
as it is, and would fail.
"""

import ast
import builtins
from collections.abc import Container, Iterator

from thestack.diagnostics.locate import Raised
from thestack.diagnostics.site import Site
from thestack.diagnostics.source import Source


def early_names(statement: ast.stmt, known: Container[str]) -> Iterator[ast.Name]:
    """The names in a statement's annotations that an import would miss; `known` is what it knows by then."""
    inside = {node.name for node in getattr(statement, "body", ()) if hasattr(node, "name")}
    for annotation in _evaluated(statement):
        for node in ast.walk(annotation):
            match node:
                case ast.Name(id=name) if (
                    name not in known and name not in inside and not hasattr(builtins, name)
                ):
                    yield node


def forward_reference(name: ast.Name, file: str) -> Raised:
    """The mistake of naming something too early."""
    message = f"`{name.id}` is not defined yet in this line"
    help = f"Move `{name.id}` above it, or begin the file with `from __future__ import annotations`."
    return Raised("S0101", message, Site(file, name.lineno), help=help, span=Source(file).span(name))


def postpones(tree: ast.Module) -> bool:
    """Whether the file itself says that its annotations stay text."""
    imports = (each for each in tree.body if isinstance(each, ast.ImportFrom) and each.module == "__future__")
    return any(name.name == "annotations" for each in imports for name in each.names)


def _evaluated(statement: ast.stmt) -> Iterator[ast.expr]:
    """The annotations that are evaluated when the statement runs."""
    match statement:
        case ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.ClassDef(body=body):
            for each in body:
                yield from _evaluated(each)
        case ast.FunctionDef(args=given, returns=returns) | ast.AsyncFunctionDef(args=given, returns=returns):
            arguments = (*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg)
            yield from (each.annotation for each in arguments if each and each.annotation)
            if returns:
                yield returns
