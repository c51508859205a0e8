"""The syntax trees of definition files, and the calls in their handlers. Each is read once."""

import ast
import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef


def calls_in(function: Callable[..., Any]) -> Sequence[ast.Call]:
    """The calls in the text of a function of a module; none where its source can't be read."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ()
    try:
        functions = _functions(tree_of(code.co_filename))
    except (OSError, SyntaxError, ValueError):
        return ()
    body = functions.get((code.co_name, code.co_firstlineno))
    return _calls(body) if body else ()


def tree_of(file: str) -> ast.Module:
    """The syntax tree of a file, which is nobody's to change. Raises `OSError` and what parsing raises."""
    status = os.stat(file)
    return _tree(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _tree(file: str, _changed: int, _size: int) -> ast.Module:
    with open(file, "rb") as source:
        return ast.parse(source.read(), file)


@lru_cache(maxsize=1024)
def _calls(body: Function) -> Sequence[ast.Call]:
    return tuple(node for node in ast.walk(body) if isinstance(node, ast.Call))


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
