"""That functions are what Lambda can run, and ask for rights that IAM can grant."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from thestack.definition.model import Function, Permission, ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest
from thestack.diagnostics.site import Site

LEAST_MEMORY, MOST_MEMORY = 128, 10_240
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(minutes=15)
SUBGRAPHS_LONGEST = timedelta(seconds=28)
"""Below the 29 seconds after which API Gateway gives up on the router."""
RESERVED = ("AWS_", "LAMBDA_", "POWERTOOLS_", "THESTACK_", "_")
VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ACTION = re.compile(r"[a-z][a-z0-9-]*:[A-Za-z][A-Za-z0-9]*\*?")
PLACEHOLDER = re.compile(r"\{([^}]*)\}")
KNOWN = ("region", "account", "environment")


def validate_limits(model: ServiceModel) -> Iterator[Diagnostic]:
    """Memory and timeout are within Lambda's limits, and a subgraph answers while its router waits."""
    hooks = {hook.handler.site for hook in model.hooks}
    for function, site, kind in _functions(model):
        memory, timeout = function.memory, function.timeout
        if memory is not None and not LEAST_MEMORY <= memory <= MOST_MEMORY:
            nearest = LEAST_MEMORY if memory < LEAST_MEMORY else MOST_MEMORY
            message = f"a function has from {LEAST_MEMORY} to {MOST_MEMORY} MB of memory, not {memory}"
            part = Part(kind, "function.memory")
            yield Diagnostic("S0704", message, site, part, f"Write `memory={nearest}`.")
        longest = SUBGRAPHS_LONGEST if site is model.site or site in hooks else LONGEST
        if timeout is not None and (not SHORTEST <= timeout <= longest or timeout.microseconds):
            nearest = min(max(round(timeout.total_seconds()), 1), int(longest.total_seconds()))
            message = f"a function runs for whole seconds, from 1 to {longest.total_seconds():g}"
            if longest is SUBGRAPHS_LONGEST:
                who = "subgraph" if site is model.site else "hook"
                message = f"a {who} answers within whole seconds, from 1 to {longest.total_seconds():g}"
            part = Part(kind, "function.timeout")
            yield Diagnostic("S0704", message, site, part, f"Write `timeout=timedelta(seconds={nearest})`.")


def validate_variables(model: ServiceModel) -> Iterator[Diagnostic]:
    """A function's own variables leave those of AWS and of the framework alone."""
    for function, site, kind in _functions(model):
        for name in function.environment:
            whose = next((each for each in RESERVED if name.upper().startswith(each)), None)
            if whose:
                message = f"`{name}` would take the place of a variable that is not the service's to set"
            elif not VARIABLE.fullmatch(name):
                message = f"`{name}` can't be the name of a variable"
            else:
                continue
            free = re.sub(r"\W", "_", name.removeprefix(whose or "").strip("_")).lstrip("_0123456789")
            part = Part(kind, "function.environment")
            yield Diagnostic("S0705", message, site, part, f'Write `"{model.name.upper()}_{free}"`.')


def validate_permissions(model: ServiceModel) -> Iterator[Diagnostic]:
    """A permission is one action of one service of AWS, on resources that are named."""
    asked: list[tuple[Sequence[Permission], Site, Part]] = [
        (function.permissions, site, Part(kind, "function.permissions"))
        for function, site, kind in _functions(model)
    ]
    asked += [(each.permissions, each.site, Part("decorator", "permissions")) for each in model.providers]
    for permissions, site, part in asked:
        for permission in permissions:
            if not ACTION.fullmatch(permission.action):
                message = f"`{permission.action}` is not one action of one service of AWS"
                help = 'Name the actions that are needed, one by one: `Permission("s3:GetObject", ...)`.'
                yield Diagnostic("S0706", message, site, part, help)
            for resource in permission.on:
                if unknown := set(PLACEHOLDER.findall(resource)) - set(KNOWN):
                    message = f"`{resource}` has a place for `{min(unknown)}`, which nothing fills"
                    help = "There is `{region}`, `{account}` and `{environment}`."
                elif resource != "*" and not _is_arn(resource):
                    message = f"`{resource}` is no ARN"
                    help = "An ARN is `arn:aws:s3:::name/*`, or `*` for actions that are granted on no less."
                else:
                    continue
                yield Diagnostic("S0706", message, site, part, help)
            if not permission.on:
                message = f"the permission `{permission.action}` is on nothing"
                help = "Name the ARNs of what it is on."
                yield Diagnostic("S0706", message, site, part, help)


def validate_requirements(model: ServiceModel) -> Iterator[Diagnostic]:
    """What a function alone is bundled with is a file in the service's folder."""
    folder = Path(model.site.file).parent
    for function, site, kind in _functions(model):
        name = function.requirements
        if name is None or (Path(name).name == name and (folder / name).is_file()):
            continue
        known = sorted(each.name for each in folder.glob("*.txt"))
        help = nearest(name, known) or f"Lock what it needs in `{Path(name).name}` beside this file."
        message = f"there is no file `{name}` beside this one"
        yield Diagnostic("S0711", message, site, Part(kind, "function.requirements"), help)


def _functions(model: ServiceModel) -> Iterator[tuple[Function, Site, str]]:
    """What is said of each function, and where: the subgraph's beside the service's name, a consumer's or a
    hook's in its decorator.
    """
    yield model.function, model.site, "keyword"
    for consumer in model.consumers:
        yield consumer.function, consumer.handler.site, "decorator"
    for hook in model.hooks:
        yield hook.function, hook.handler.site, "decorator"


def _is_arn(text: str) -> bool:
    return text.startswith("arn:") and text.count(":") >= 5
