"""What of the services' answers the public door lets everybody ask for."""

from collections.abc import Sequence

from thestack.definition.model import ServiceModel
from thestack.definition.rules import All, Any, Public, Rule


def public_fields(models: Sequence[ServiceModel]) -> list[str]:
    """The root fields that everybody may call: "Query.version"."""
    return sorted(
        f"{operation.kind.title()}.{operation.graphql}"
        for model in models
        for operation in model.operations
        if _admits_everybody(operation.allow)
    )


def _admits_everybody(rule: Rule) -> bool:
    match rule:
        case Public():
            return True
        case All(parts):
            return all(_admits_everybody(part) for part in parts)
        case Any(parts):
            return any(_admits_everybody(part) for part in parts)
        case _:
            return False
