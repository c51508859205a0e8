"""The syntax trees of handlers, for rules about what is written in them. Each file is parsed once."""

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
        functions = _functions(code.co_filename, os.stat(code.co_filename).st_mtime_ns)
    except (OSError, SyntaxError, ValueError):
        return None
    return functions.get((code.co_name, code.co_firstlineno))


@lru_cache(maxsize=64)
def _functions(file: str, _changed: int) -> Mapping[tuple[str, int], Function]:
    """The functions of a file by name and first line, which is that of the first decorator."""
    with open(file, "rb") as source:
        tree = ast.parse(source.read())
    found: dict[tuple[str, int], Function] = {}
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, Function):
            first = min([statement.lineno, *(each.lineno for each in statement.decorator_list)])
            found[statement.name, first] = statement
        waiting += getattr(statement, "body", ())
    return found
