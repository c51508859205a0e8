"""That a handler names a row by as many values as its key has."""

import ast
from collections.abc import Iterator, Sequence

from thestack.definition.bodies import calls_in
from thestack.definition.model import Capability, DependencyModel, EntityModel, ServiceModel
from thestack.definition.validate.accesses import receiver_of
from thestack.diagnostics.diagnostic import Diagnostic, Part

VERBS = ("get", "find", "restore")


def validate_key_parts(model: ServiceModel) -> Iterator[Diagnostic]:
    """The fields of the key, without those by which the rows were narrowed before."""
    entities = {entity.name: entity for entity in model.entities}
    for handler in model.handlers:
        taken = {each.name: each for each in handler.dependencies}
        for node in calls_in(handler.function):
            match node:
                case ast.Call(func=ast.Attribute(value=receiver, attr=verb), args=given) if verb in VERBS:
                    rows, narrowed = receiver_of(receiver)
                case _:
                    continue
            dependency = taken.get(rows)
            entity = entities.get(dependency.entity or "") if dependency else None
            if dependency is None or entity is None:
                continue
            by = receiver.args if isinstance(receiver, ast.Call) else []
            wanted = _wanted(dependency, entity, narrowed, by)
            if wanted is None or len(given) in wanted or _is_open([*given, *by]) or node.keywords:
                continue
            names = ", ".join(entity.key[len(entity.key) - max(wanted) :])
            called = ast.unparse(node.func)
            values = "1 value" if len(given) == 1 else f"{len(given)} values"
            message = f"a row of `{entity.name}` is named here by ({names}), not by {values}"
            help = f"Name it by `{verb}({names})`." if narrowed else f"Write `{called}({names})`."
            yield Diagnostic("S0216", message, handler.site, Part("body", called), help)


def _wanted(
    dependency: DependencyModel, entity: EntityModel, narrowed: str, by: Sequence[ast.expr]
) -> set[int] | None:
    """How many values name a row; None where that can't be told."""
    match dependency.capability, narrowed:
        case Capability.READER, "":
            return {len(entity.key)}
        case (Capability.OWNED, "") | (Capability.STORE, "owned_by") if entity.owner:
            return {len(entity.key)}
        case Capability.STORE, "within" if not entity.owner:
            left = len(entity.key) - len(by)
            return {left, len(by)} if not entity.sort and by else {max(left, 0)}
        case _:
            return None


def _is_open(values: Sequence[ast.expr]) -> bool:
    return any(isinstance(each, ast.Starred) for each in values)
