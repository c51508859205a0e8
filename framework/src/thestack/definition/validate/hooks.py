"""That hooks have a place in URLs, let somebody in, and are linked to by their names."""

import ast
import re
from collections.abc import Iterator

from thestack.definition.bodies import calls_in
from thestack.definition.model import Capability, HandlerModel, ServiceModel
from thestack.definition.rules import Denied, Public, opened_by
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 30
"""A function's name has the hook's in it."""


def validate_hook_names(model: ServiceModel) -> Iterator[Diagnostic]:
    """A hook's name is a word of its URL, and it takes some method."""
    for hook in model.hooks:
        if not NAME.fullmatch(hook.name) or len(hook.name) > LONGEST:
            word = re.sub(r"[^a-z0-9]+", "-", hook.name.lower()).strip("-0123456789")[:LONGEST].strip("-")
            message = f"`{hook.name}` is no name of a hook"
            help = f'Write `"{word or "hook"}"`: at most 30 small letters and digits, in words joined by `-`.'
            yield Diagnostic("S0714", message, hook.handler.site, Part("decorator", "name"), help)
        if not hook.methods:
            message = f"the hook `{hook.name}` takes no method"
            help = 'Write `methods=["POST"]`.'
            yield Diagnostic("S0714", message, hook.handler.site, Part("decorator", "methods"), help)


def validate_hook_rules(model: ServiceModel) -> Iterator[Diagnostic]:
    """A hook's rule lets in who has not signed in, for nobody has."""
    for hook in model.hooks:
        if not isinstance(hook.allow, Denied) and not opened_by(hook.allow, Public):
            message = f"nobody signs in at a hook, so `{hook.allow}` lets nobody into `{hook.name}`"
            help = "Write `allow=public`, and let what is signed in its URL or its body say who asks."
            yield Diagnostic("S0712", message, hook.handler.site, Part("decorator", "allow"), help)


def validate_links(model: ServiceModel) -> Iterator[Diagnostic]:
    """What is linked to is there, as far as its name is written out."""
    known = {hook.name for hook in model.hooks}
    for handler in model.handlers:
        for each in handler.dependencies:
            if each.capability is not Capability.LINKS:
                continue
            for name in _linked(handler, each.name):
                if name not in known:
                    message = f"there is no hook `{name}` to link to"
                    declared = f'@service.hook("{name}", allow=public)'
                    help = nearest(name, known) or f"Write `{declared}` over a handler of `HookRequest`."
                    yield Diagnostic("S0713", message, handler.site, Part("body", repr(name)), help)


def _linked(handler: HandlerModel, links: str) -> Iterator[str]:
    """The names in `links.hook("...")`."""
    for call in calls_in(handler.function):
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="hook"), args=[ast.Constant(value=str(hook))]
            ) if name == links:
                yield hook
            case _:
                pass
