"""Services in memory behind the real router: a shop in the shape of the well-known federation demo."""

import asyncio
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from framework.tests.router.conftest import Node
from framework.tests.router.fakes import Answer, FakeLambda, Function, Invocation, RouterProcess, claims, post
from thestack.contract import sdl
from thestack.contract.composition import Supergraph, compose
from thestack.definition.load import models
from thestack.definition.model import ServiceModel
from thestack.router.bundle import build
from thestack.testing.harness import Harness, user

FIXTURES = Path(__file__).parents[1] / "fixtures"
SHOP = FIXTURES / "federation"
MARKED = FIXTURES / "marked"


def composed(node: Node, services: tuple[ServiceModel, ...]) -> Supergraph:
    texts = {model.name: sdl.subgraph(model) for model in services}
    return compose(texts, node=node.executable, node_modules=node.packages)


@dataclass
class Shop:
    """Services in memory, and a router that calls them as Lambda functions of their names."""

    services: tuple[ServiceModel, ...]
    supergraph: Supergraph
    cloud: FakeLambda
    router: RouterProcess
    harness: Harness = field(init=False)

    def __post_init__(self) -> None:
        self.empty()

    def empty(self) -> None:
        """No rows and no calls."""
        self.cloud.reset()
        self.harness = Harness(*self.services)
        self.cloud.functions |= {model.name: self._function(model.name) for model in self.services}

    def send(self, query: str, **variables: Any) -> Answer:
        return self.router.send(post(query, variables, caller=claims()))

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        body = self.send(query, **variables).body
        assert "errors" not in body, body
        return dict(body["data"])

    def asked(self, service: str) -> list[str]:
        """The operations that a service was asked."""
        return [each.request["query"] for each in self.cloud.of(service)]

    def _function(self, name: str) -> Function:
        running = self.harness[name]

        def answer(invocation: Invocation) -> Mapping[str, Any]:
            request = invocation.request
            return asyncio.run(
                running.ask(request["query"], user("alice"), **(request.get("variables") or {}))
            )

        return answer


def open_shop(node: Node, root: Path, folder: Path) -> Shop:
    """The services of the project at `root`, composed, bundled into `folder` and started."""
    services = models(root)
    supergraph = composed(node, services)
    arch: Literal["arm64", "x64"] = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x64"
    system: Literal["linux", "darwin"] = "darwin" if sys.platform == "darwin" else "linux"
    bundle = build(
        supergraph.sdl,
        folder / "bundle",
        arch=arch,
        system=system,
        node=node.executable,
        node_modules=node.packages,
    )
    cloud = FakeLambda()
    names = {model.name: model.name for model in services}
    router = RouterProcess(node.executable, bundle, cloud.url, SUBGRAPHS=json.dumps(names))
    return Shop(services, supergraph, cloud, router)
