"""The resources of templates, as the bill looks at them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Templates = Mapping[str, Mapping[str, Any]]
"""Templates by the names of their stacks."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a stack; `beside` are all of that stack, by logical id."""

    stack: str
    id: str
    type: str
    properties: Mapping[str, Any]
    beside: Mapping[str, Mapping[str, Any]]

    def referred(self, value: Any) -> "Resource | None":
        """The resource of the same stack that a `Ref` or `Fn::GetAtt` names."""
        match value:
            case {"Ref": str(id)} | {"Fn::GetAtt": [str(id), *_]} if id in self.beside:
                return _resource(self.stack, id, self.beside)
            case _:
                return None


def resources(templates: Templates) -> Iterator[Resource]:
    """Every resource of these templates."""
    for stack, template in templates.items():
        beside = template.get("Resources", {})
        for id in beside:
            yield _resource(stack, id, beside)


def _resource(stack: str, id: str, beside: Mapping[str, Mapping[str, Any]]) -> Resource:
    return Resource(stack, id, beside[id]["Type"], beside[id].get("Properties") or {}, beside)
