"""A bundle of the router over two subgraphs, and a Lambda API that plays them."""

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

import thestack.router
from framework.tests.router.fakes import FakeLambda, RouterProcess
from thestack.contract.composition import Supergraph, compose
from thestack.router.bundle import build
from thestack.toolchain.tools import ensure_npm, node_executable

FEDERATION = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])\n'
)
TODO = f"""{FEDERATION}
type Query {{
  todo(id: ID!): Todo
  todos(first: Int = 20, after: String): TodoConnection!
  version: String!
  me: String!
}}
type Mutation {{ createTodo(title: String!, status: Status): Todo! deleteTodo(id: ID!): ID! }}
type Todo @key(fields: "id") {{ id: ID! title: String! tags: [Todo!]! attachment: Media }}
type TodoConnection {{ nodes: [Todo!]! }}
enum Status {{ OPEN DONE }}
type Media @key(fields: "id", resolvable: false) {{ id: ID! }}
"""
MEDIA = f"""{FEDERATION}
type Query {{ media(id: ID!): Media }}
type Media @key(fields: "id") {{ id: ID! url: String! owner: String! }}
"""


@dataclass(frozen=True)
class Node:
    executable: Path
    packages: Path


@pytest.fixture(scope="session")
def node() -> Node:
    root = Path(__file__).resolve().parents[3]
    source = Path(thestack.router.__file__).parent
    return Node(
        node_executable(), ensure_npm(source, root / ".stack" / "node", "the router's packages", print)
    )


@pytest.fixture(scope="session")
def supergraph(node: Node) -> Supergraph:
    return compose({"todo": TODO, "media": MEDIA}, node=node.executable, node_modules=node.packages)


@pytest.fixture(scope="session")
def bundle(node: Node, supergraph: Supergraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    arch: Literal["arm64", "x64"] = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x64"
    system: Literal["linux", "darwin"] = "darwin" if sys.platform == "darwin" else "linux"
    out = tmp_path_factory.mktemp("router") / "bundle"
    return build(
        supergraph.sdl, out, arch=arch, system=system, node=node.executable, node_modules=node.packages
    )


@pytest.fixture(scope="session")
def _shared(node: Node, bundle: Path) -> Iterator[tuple[FakeLambda, RouterProcess]]:
    cloud = FakeLambda()
    router = RouterProcess(node.executable, bundle, cloud.url)
    yield cloud, router
    router.close()
    cloud.close()


@pytest.fixture
def cloud(_shared: tuple[FakeLambda, RouterProcess]) -> FakeLambda:
    """The Lambda API that the router calls, with no functions yet."""
    _shared[0].reset()
    return _shared[0]


@pytest.fixture
def router(_shared: tuple[FakeLambda, RouterProcess], cloud: FakeLambda) -> RouterProcess:
    """A router with the default settings; `Query.version` is public."""
    return _shared[1]


@pytest.fixture
def start(node: Node, bundle: Path, cloud: FakeLambda) -> Iterator[Callable[..., RouterProcess]]:
    """Starts a router with settings of its own: `start(INTROSPECTION="1")`."""
    started: list[RouterProcess] = []

    def begin(**settings: str) -> RouterProcess:
        started.append(RouterProcess(node.executable, bundle, cloud.url, **settings))
        return started[-1]

    yield begin
    for router in started:
        router.close()
