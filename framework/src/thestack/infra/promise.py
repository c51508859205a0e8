"""The contracts of a checkout: what its definitions promise, and what their templates keep."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from thestack.contract.building import contract_of
from thestack.contract.limits import shape_of
from thestack.contract.promise import Contract, Expectation, World
from thestack.contract.stateful import stateful_of
from thestack.definition import names
from thestack.definition.fingerprint import fingerprint
from thestack.definition.model import ServiceModel
from thestack.infra.templates import find_templates, make_templates

ENVIRONMENT = "local"
"""Whose templates tell what a service keeps: every project has it, and the inner loop makes them anyway."""


def templates_of(root: Path, models: Sequence[ServiceModel]) -> Mapping[str, Mapping[str, Any]]:
    """The templates of these services and of the platform, by name, as the inner loop has them.

    Cached by what the definitions come to. Raises `SynthesisError`.
    """
    wanted = {names.PLATFORM: "", **{model.name: fingerprint(model) for model in models}}
    found = find_templates(root, ENVIRONMENT, wanted)
    if missing := {name: wanted[name] for name in wanted.keys() - found.keys()}:
        make_templates(root, ENVIRONMENT, missing)
        found = find_templates(root, ENVIRONMENT, wanted)
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in found.items()}


def contracts_of(
    models: Sequence[ServiceModel],
    templates: Mapping[str, Mapping[str, Any]],
    expects: Mapping[str, Sequence[Expectation]] = MappingProxyType({}),
) -> World:
    """The contracts of these services, and the platform's; `expects` by service."""
    made = {
        model.name: contract_of(model, templates[model.name], ENVIRONMENT, expects.get(model.name, ()))
        for model in models
    }
    return {**made, names.PLATFORM: shared_contract(names.PLATFORM, templates[names.PLATFORM], ENVIRONMENT)}


def shared_contract(name: str, template: Mapping[str, Any], environment: str) -> Contract:
    """What one of `names.SHARED` keeps, of its template in an environment."""
    return Contract(name, stateful=stateful_of(template, environment), stack=shape_of(template))
