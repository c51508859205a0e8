"""Directives of GraphQL and of federation, as values.

A type takes them by its keyword `directives=[...]`, an operation by the decorator's, a field or an argument
by its annotation: `Annotated[str, shareable]`. Federation's meaning of each:
https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thestack.diagnostics.site import Site, caller_site

Constant = str | int | float | bool | None | Sequence["Constant"] | Mapping[str, "Constant"]
"""A value that a directive's argument may have."""

Words = tuple[str, ...] | list[str]
"""Texts, one after the other; a text, which is a sequence too, is none."""


@dataclass(frozen=True, slots=True)
class Directive:
    """One use of a directive: `@name(argument: value, ...)`.

    `definition` and `url` are of a custom one, which is composed into the supergraph; `site` is where that
    is defined.
    """

    name: str
    arguments: Mapping[str, Constant] = field(default_factory=dict[str, Constant])
    definition: str = ""
    url: str = ""
    site: Site | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        given = ", ".join(f"{name}: {written(value)}" for name, value in self.arguments.items())
        return f"@{self.name}({given})" if given else f"@{self.name}"


class CustomDirective:
    """A directive of one's own: called with its arguments it is a use of it. Made by `directive`."""

    def __init__(self, definition: str, url: str) -> None:
        self.definition, self.url, self.site = definition, url, caller_site(definition)
        found = re.search(r"directive\s+@(\w+)", definition)
        self.name = found.group(1) if found else ""

    def __call__(self, arguments: Mapping[str, Constant] | None = None) -> Directive:
        """A use: `audited({"level": 3})`."""
        return Directive(self.name, dict(arguments or {}), self.definition, self.url, self.site)


def directive(definition: str, *, url: str) -> CustomDirective:
    """A custom directive, by its definition in SDL and the URL that versions it, which @composeDirective
    carries into the supergraph.

    Example: `audited = directive("directive @audited(level: Int) on OBJECT", url="https://x.example/audited/v1.0")`.
    """
    return CustomDirective(definition, url)


shareable = Directive("shareable")
"""Several subgraphs resolve it, all to the same value."""

external = Directive("external")
"""Another subgraph resolves it."""

inaccessible = Directive("inaccessible")
"""In the supergraph, and not for clients."""

authenticated = Directive("authenticated")
"""Routers that know it ask for a signed-in caller."""


def override(source: str, *, label: str = "") -> Directive:
    """Resolved here from now on, no longer by the subgraph `source`; with a label for a part of requests."""
    return Directive("override", {"from": source, "label": label} if label else {"from": source})


def provides(*fields: str) -> Directive:
    """Fields of the answer that this subgraph resolves along this path, though they are external."""
    return Directive("provides", {"fields": " ".join(fields)})


def tag(name: str) -> Directive:
    """A word for tools to select by."""
    return Directive("tag", {"name": name})


def requires_scopes(*alternatives: Words) -> Directive:
    """Routers that know it ask for all scopes of one of the alternatives."""
    return Directive("requiresScopes", {"scopes": [list(each) for each in alternatives]})


def policy(*alternatives: Words) -> Directive:
    """Routers that know it ask for all policies of one of the alternatives."""
    return Directive("policy", {"policies": [list(each) for each in alternatives]})


def cost(weight: int) -> Directive:
    """What it counts for when a router limits the cost of operations."""
    return Directive("cost", {"weight": weight})


def list_size(
    *,
    assumed: int | None = None,
    slicing_arguments: Words = (),
    sized_fields: Words = (),
    require_one: bool = True,
) -> Directive:
    """How long a list is, when a router counts the cost of operations."""
    given: dict[str, Constant] = {}
    if assumed is not None:
        given["assumedSize"] = assumed
    if slicing_arguments:
        given["slicingArguments"] = list(slicing_arguments)
    if sized_fields:
        given["sizedFields"] = list(sized_fields)
    if not require_one:
        given["requireOneSlicingArgument"] = False
    return Directive("listSize", given)


def context(name: str) -> Directive:
    """What arguments of fields below this type may take values from, by `from_context`."""
    return Directive("context", {"name": name})


def from_context(name: str, selection: str) -> Directive:
    """The argument's value comes from the context: `Annotated[str, from_context("shop", "currency")]`."""
    return Directive("fromContext", {"field": f"${name} {{ {selection} }}"})


def deprecated(reason: str) -> Directive:
    """Still there, and not for new clients."""
    return Directive("deprecated", {"reason": reason})


def written(value: Any) -> str:
    """A constant as SDL writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {written(each)}" for name, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(written(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)
