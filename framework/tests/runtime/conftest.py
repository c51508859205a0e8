"""A service on memory adapters, driven through its public doors."""

from pathlib import Path
from typing import Any

import pytest

from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.ports import Delivery, Envelope
from thestack.runtime.scope import Scope
from thestack.testing.harness import ANONYMOUS, BEGIN, MemoryProfiles, Running, user

HERE = Path(__file__).parent


class World(Running):
    """The bookkeeping service, in memory."""

    async def open(self, id: str, scope: Scope, name: str = "first") -> dict[str, Any]:
        mutation = "mutation ($i: OpenAccount!) { openAccount(input: $i) { id name colour } }"
        return await self.ask(mutation, scope, i={"id": id, "name": name})


def new_world(model: ServiceModel) -> World:
    return World(model, FixedClock(BEGIN), MemoryMailer(), MemoryProfiles())


def delivery(envelope: Envelope, attempt: int = 1) -> Delivery:
    return Delivery(f"m-{envelope.id}", envelope.to_json(), attempt, "receipt")


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    loaded = load(HERE / "bookkeeping.py", HERE)
    assert loaded.model, loaded.diagnostics
    return loaded.model


@pytest.fixture
def world(model: ServiceModel) -> World:
    return new_world(model)


__all__ = ["ANONYMOUS", "World", "delivery", "new_world", "user"]
