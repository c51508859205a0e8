"""Which handlers put messages off: no type says it, so it is read from their text."""

import ast
from collections.abc import Callable
from os.path import dirname
from typing import Any

from thestack.definition.bodies import calls_in
from thestack.definition.model import HandlerModel, ServiceModel

PUTS_OFF = frozenset({"at", "cancelled"})


def putting_off(service: ServiceModel) -> tuple[HandlerModel, ...]:
    """The handlers that send messages and call `.at(...)` or `.cancelled(...)`, themselves or in functions of
    the service that they call by name.
    """
    sending = (each for each in service.handlers if any(dep.sends for dep in each.dependencies))
    return tuple(each for each in sending if _calls(each.function, dirname(service.site.file)))


def _calls(handler: Callable[..., Any], folder: str) -> bool:
    waiting, seen = [handler], set[int]()
    while waiting:
        function = waiting.pop()
        code = getattr(function, "__code__", None)
        if code is None or id(code) in seen or not code.co_filename.startswith(folder):
            continue
        seen.add(id(code))
        for node in calls_in(function):
            match node:
                case ast.Call(func=ast.Attribute(attr=name)) if name in PUTS_OFF:
                    return True
                case ast.Call(func=ast.Name(id=name)) if name in function.__globals__:
                    waiting.append(function.__globals__[name])
    return False
