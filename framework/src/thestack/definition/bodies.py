"""The syntax trees of definition files and of their handlers. Each file is parsed once."""

import ast
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef


def body_of(function: Callable[..., Any]) -> Function | None:
    """The syntax tree of a function of a module, None where its source can't be read."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    try:
        functions = _functions(tree_of(code.co_filename))
    except (OSError, SyntaxError, ValueError):
        return None
    return functions.get((code.co_name, code.co_firstlineno))


def tree_of(file: str) -> ast.Module:
    """The syntax tree of a file, which is nobody's to change. Raises `OSError` and what parsing raises."""
    status = os.stat(file)
    return _tree(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _tree(file: str, _changed: int, _size: int) -> ast.Module:
    with open(file, "rb") as source:
        return ast.parse(source.read(), file)


@lru_cache(maxsize=64)
def _functions(tree: ast.Module) -> Mapping[tuple[str, int], Function]:
    """The functions of a file by name and first line, which is that of the first decorator."""
    found: dict[tuple[str, int], Function] = {}
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, Function):
            first = min([statement.lineno, *(each.lineno for each in statement.decorator_list)])
            found[statement.name, first] = statement
        waiting += getattr(statement, "body", ())
    return found
