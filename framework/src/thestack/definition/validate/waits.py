"""That messages wait for as long as a queue can hold them back, and no longer."""

import ast
from collections.abc import Iterator
from datetime import timedelta

from thestack.definition.bodies import calls_in
from thestack.definition.model import HandlerModel, MessageModel, ServiceModel
from thestack.definition.shapes import LONGEST_WAIT
from thestack.diagnostics.diagnostic import Diagnostic, Part


def validate_delays(model: ServiceModel) -> Iterator[Diagnostic]:
    """A queue holds its messages back for 15 minutes at most."""
    for message in model.messages:
        if not timedelta() <= message.delay <= LONGEST_WAIT:
            text = f"a queue holds messages back from 0 to 15 minutes, not for {message.delay}"
            nearest = "minutes=15" if message.delay > LONGEST_WAIT else ""
            help = f"Write `delay=timedelta({nearest})`."
            yield Diagnostic("S0613", text, message.site, Part("keyword", "delay"), help)


def validate_waits(model: ServiceModel) -> Iterator[Diagnostic]:
    """A message that is sent `after` a wait goes to a queue that keeps no order, and waits 15 minutes at
    most.
    """
    messages = {each.type: each for each in (*model.messages, *model.foreign_messages)}
    for handler in model.handlers:
        scope = getattr(handler.function, "__globals__", {})
        for sent, call in _waits(handler):
            message: MessageModel | None = messages.get(scope.get(sent))  # type: ignore[arg-type]
            given = call.args[0] if call.args else None
            if message and message.group:
                text = f"the queue of `{sent}` keeps order, so that no message of it waits by itself"
                help = f"Delete `.after({', '.join(map(ast.unparse, call.args))})`."
                part = Part("body", ast.unparse(call.func))
                yield Diagnostic("S0614", text, handler.site, part, help)
            elif message and given and (wait := _length(given)) is not None and wait > LONGEST_WAIT:
                text = f"a queue holds `{sent}` back for at most 15 minutes, not for {wait}"
                help = "Write `timedelta(minutes=15)`, or send it `.at(...)` a moment."
                yield Diagnostic("S0613", text, handler.site, Part("body", "timedelta"), help)


def _waits(handler: HandlerModel) -> Iterator[tuple[str, ast.Call]]:
    """Each `Message(...).after(...)` in a handler's text, with the message's name."""
    for node in calls_in(handler.function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id=sent)), attr="after")):
                yield sent, node


def _length(written: ast.expr) -> timedelta | None:
    """The length of `timedelta(minutes=20)`, if it is written with numbers."""
    match written:
        case ast.Call(func=ast.Name(id="timedelta"), args=[], keywords=keywords):
            parts = {each.arg: each.value for each in keywords if each.arg}
            numbers = {
                name: value.value
                for name, value in parts.items()
                if isinstance(value, ast.Constant) and isinstance(value.value, int | float)
            }
            try:
                return timedelta(**numbers) if len(numbers) == len(keywords) else None
            except (TypeError, OverflowError):
                return None
        case _:
            return None
