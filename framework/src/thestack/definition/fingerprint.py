"""What of a service its infrastructure depends on: two models with one fingerprint have the same template."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from thestack.definition.model import (
    AwsEventModel,
    Capability,
    ComputedFieldModel,
    ConsumerModel,
    DependencyModel,
    EntityModel,
    EventModel,
    HandlerModel,
    HookModel,
    MessageModel,
    OperationModel,
    ProviderModel,
    ServiceModel,
)

_FREE = frozenset({Capability.CALLER, Capability.CLOCK, Capability.REQUIRES})
_UNORDERED = (ComputedFieldModel, ConsumerModel, EntityModel, HookModel, OperationModel)
"""Of these neither order nor number matters, only what they need."""
_CODE = frozenset({"site", "type"})
# Left out by name, so that what a model gains later counts until somebody knows better.
_OF_THE_SCHEMA: Mapping[type[Any], frozenset[str]] = {
    AwsEventModel: frozenset({"description"}),
    ComputedFieldModel: frozenset({"allow", "batch", "directives", "graphql", "parent", "returns", "view"}),
    DependencyModel: frozenset({"name"}),
    EntityModel: frozenset({"allow", "description", "directives", "fields", "interfaces", "refs"}),
    EventModel: frozenset({"description", "fields"}),
    HandlerModel: frozenset({"arguments", "description", "function", "name", "page"}),
    HookModel: frozenset({"allow"}),
    MessageModel: frozenset({"description", "fields"}),
    OperationModel: frozenset({"allow", "directives", "graphql", "returns"}),
    ProviderModel: frozenset({"function"}),
    ServiceModel: frozenset(
        {
            "enums",
            "foreigns",
            "inputs",
            "interfaces",
            "page_default",
            "page_maximum",
            "problems",
            "scalars",
            "unions",
            "upcasters",
            "values",
        }
    ),
}


def fingerprint(model: ServiceModel) -> str:
    """A digest of the model without its code, and without what concerns the schema alone.

    It covers what the framework makes of a service, not what an `infra.py` may read from the model.
    """
    return hashlib.sha256(repr((model.answers, _facts(model))).encode()).hexdigest()


def _facts(value: Any) -> Any:
    if is_dataclass(value):
        left_out = _CODE | _OF_THE_SCHEMA.get(type(value), frozenset())
        names = [field.name for field in fields(value) if field.name not in left_out]
        return type(value).__name__, [(name, _facts(getattr(value, name))) for name in names]
    if isinstance(value, tuple):
        needing = [each for each in value if not _needs_nothing(each)]
        facts = [_facts(each) for each in needing]
        if value and isinstance(value[0], _UNORDERED):
            return sorted({repr(each) for each in facts})
        return facts
    return value


def _needs_nothing(value: Any) -> bool:
    match value:
        case DependencyModel():
            return value.capability in _FREE
        case OperationModel() | ComputedFieldModel():
            return all(_needs_nothing(each) for each in value.handler.dependencies)
    return False
