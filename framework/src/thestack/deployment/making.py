"""What a checkout makes of a service: its template, its bundles and what it promises."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thestack.contract.files import from_json
from thestack.contract.promise import Contract
from thestack.definition import names
from thestack.definition.load import models_alone
from thestack.deployment.destination import Destination
from thestack.infra.assembly import Assembly, Asset, StackFiles
from thestack.infra.environment import settings_to_text
from thestack.infra.errors import SynthesisError
from thestack.infra.synth import synthesize


@dataclass(frozen=True, slots=True)
class Made:
    """What is to be deployed of a service. `promise` is its contract as text."""

    service: str
    template: Mapping[str, Any]
    assets: Sequence[Asset]
    promise: str

    @property
    def contract(self) -> Contract:
        """The contract."""
        return from_json(self.promise)


def make(to: Destination, services: Sequence[str]) -> dict[str, Made]:
    """Make these services, of which those of `names.SHARED` may be some; the folders of no others are needed.

    Raises `DefinitionError` where a definition is wrong, `SynthesisError` for anything else.
    """
    if not services:
        return {}
    try:
        assembly = synthesize(
            to.root,
            to.settings.name,
            services,
            emulated=to.settings.emulated,
            settings=settings_to_text(to.settings) if to.settings.preview else "",
        )
    except SynthesisError:
        models_alone(to.root, [each for each in services if each not in names.SHARED])  # it says where
        raise
    return made_of(assembly, to.settings.name)


def made_of(assembly: Assembly, environment: str) -> dict[str, Made]:
    """What an assembly holds, by service."""
    made = (_made(each, each.name.removeprefix(f"{environment}-")) for each in assembly.stacks)
    return {each.service: each for each in made}


def _made(stack: StackFiles, service: str) -> Made:
    if stack.contract is None:
        raise SynthesisError(f"the stack {stack.name} was made without its service's contract; make it anew")
    template: dict[str, Any] = json.loads(stack.template.read_text(encoding="utf-8"))
    return Made(service, template, stack.assets, stack.contract.read_text(encoding="utf-8"))
