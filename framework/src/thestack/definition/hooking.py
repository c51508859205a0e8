"""Models hooks: handlers behind doors for plain HTTP."""

import inspect
from collections.abc import Sequence

from thestack.definition.annotations import Parameter
from thestack.definition.handling import Handlers
from thestack.definition.hooks import HookRequest, HookResponse
from thestack.definition.model import HookModel
from thestack.definition.options import Function
from thestack.definition.rules import Denied
from thestack.definition.service import Recorded
from thestack.diagnostics.diagnostic import Part


def hook(handlers: Handlers, recorded: Recorded) -> HookModel | None:
    """The model of a hook; mistakes in its signature are added to `handlers`."""
    parameters = handlers.parameters(recorded)
    handler = handlers.handler(recorded, parameters)
    if not (_is_handed_a_request(handlers, recorded, parameters) and _answers(handlers, recorded)):
        return None
    options = recorded.options
    return HookModel(
        options["name"],
        tuple(options["methods"]),
        handler,
        recorded.allow or Denied(),
        options.get("function", Function()),
    )


def _is_handed_a_request(handlers: Handlers, recorded: Recorded, parameters: Sequence[Parameter]) -> bool:
    given = next((each for each in parameters if each.kind == "given"), None)
    if given is not None and given.annotation is None:  # a mistake that was reported
        return False
    if given is None or given.annotation is not HookRequest:
        message, help = (
            "the first parameter of a hook is its request",
            "Begin with `(request: HookRequest, /, ...)`.",
        )
        handlers.shapes.report("S0703", message, recorded, Part("name"), help)
        return False
    return True


def _answers(handlers: Handlers, recorded: Recorded) -> bool:
    annotation, name = inspect.signature(recorded.function).return_annotation, recorded.function.__name__
    if annotation is inspect.Signature.empty:
        handlers.shapes.report(
            "S0101", f"`{name}` says no return type", recorded, Part("name"), "Add `-> HookResponse`."
        )
        return False
    at = Part("returns")
    answered = handlers.shapes.resolve(annotation, recorded.function.__globals__, recorded, at)
    if answered is not None and answered is not HookResponse:
        handlers.shapes.report(
            "S0703", f"`{name}` does not answer a response", recorded, at, "Write `HookResponse`."
        )
    return answered is HookResponse
