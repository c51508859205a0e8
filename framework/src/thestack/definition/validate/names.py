"""That no two things share a name."""

import ast
from collections.abc import Iterator

from thestack.definition.bodies import tree_of
from thestack.definition.model import ServiceModel
from thestack.definition.naming import name_mistake
from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.site import Site


def quoted(text: str) -> str:
    """A text of the command's, as reports quote names."""
    return text.replace("'", "`")


def validate_service_name(model: ServiceModel) -> Iterator[Diagnostic]:
    """The service's name is one that everything made from it can have."""
    if mistake := name_mistake(model.name):
        message, _, would_do = mistake.partition("; ")
        help = f"Rename the service and its folder: {would_do or 'another word would do'}."
        yield Diagnostic("S0003", quoted(message), model.site, Part(), quoted(help))


def validate_names(model: ServiceModel) -> Iterator[Diagnostic]:
    """No two things share a name in GraphQL, on the bus, or as a handler."""
    types = [(each.name, each.site) for each in model.objects]
    types += [(each.name, each.site) for each in model.interfaces]
    types += [(each.name, each.site) for each in model.inputs]
    types += [(each.name, model.site) for each in model.enums]
    types += [(each.name, model.site) for each in model.unions]
    types += [(each.name, model.site) for each in model.problems]
    types += [(each.name, model.site) for each in model.scalars]
    events = [(f"{each.name} v{each.version}", each.site) for each in model.events]
    messages = [(f"{each.queue} v{each.version}", each.site) for each in model.messages]
    operations = [
        (f"{each.kind.capitalize()}.{each.graphql}", each.handler.site) for each in model.operations
    ]
    fields = [
        (f"{entity.name}.{field.graphql}", entity.site) for entity in model.objects for field in entity.fields
    ]
    fields += [(f"{each.parent}.{each.graphql}", each.handler.site) for each in model.computed]
    consumers = [(each.name, each.handler.site) for each in model.consumers]
    hooks = [(each.name, each.handler.site) for each in model.hooks]
    for group in (types, events, messages, operations, fields, consumers, hooks):
        sites: dict[str, list[Site]] = {}
        for name, site in group:
            sites.setdefault(name, []).append(site)
        for name, places in sorted(sites.items()):
            if len(places) > 1:
                last = max(places, key=lambda site: site.line)
                message = f"`{name}` is declared {len(places)} times"
                yield Diagnostic("S0301", message, last, Part(), "Rename one, or delete it.")
    yield from _declared_twice(model)


def _declared_twice(model: ServiceModel) -> Iterator[Diagnostic]:
    """Classes and functions of which Python silently keeps the last."""
    tree = tree_of(model.site.file)
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    named = [node for node in tree.body if isinstance(node, kinds)]
    handlers = {handler.name for handler in model.handlers}
    seen: dict[str, int] = {}
    for node in named:
        if node.name in seen and not (node.name in handlers and not isinstance(node, ast.ClassDef)):
            message = f"`{node.name}` is declared twice: first in line {seen[node.name]}"
            site = Site(model.site.file, node.lineno, node.name)
            yield Diagnostic("S0301", message, site, Part(), "Rename one, or delete it.")
        seen.setdefault(node.name, node.lineno)
