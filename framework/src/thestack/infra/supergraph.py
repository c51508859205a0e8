"""The router's bundle: the subgraphs composed, and what plans over them, as one zip."""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from thestack.contract.composition import Composed, Supergraph, compose, compose_each
from thestack.contract.sdl import subgraph
from thestack.definition.model import ServiceModel
from thestack.infra.archive import write_zip
from thestack.infra.environment import Architecture
from thestack.infra.errors import SynthesisError
from thestack.ports.router import Router
from thestack.router.hive import HiveRouter
from thestack.toolchain import tools as toolchain


def supergraph_of(models: Sequence[ServiceModel], root: Path) -> Supergraph:
    """The supergraph of all services.

    Raises `CompositionError`, or `SynthesisError` without the router's packages.
    """
    return compose_all({model.name: subgraph(model) for model in models if model.answers}, root)


def compose_all(subgraphs: Mapping[str, str], root: Path) -> Supergraph:
    """The supergraph of these subgraphs' SDL, by the service's name.

    Raises as `supergraph_of` does.
    """
    tools = _tools(root)
    return compose(subgraphs, node=tools.node, node_modules=tools.node_modules)


def compose_sets(sets: Sequence[Mapping[str, str]], root: Path) -> list[Composed]:
    """What each of these sets of subgraphs comes to, in one process.

    Raises `ComposerUnavailable`, or `SynthesisError` without the router's packages.
    """
    tools = _tools(root)
    return compose_each(sets, node=tools.node, node_modules=tools.node_modules)


def default_router(root: Path) -> Router:
    """The router that environments have unless they bring another.

    Raises `SynthesisError` without its packages.
    """
    tools = _tools(root)
    return HiveRouter(tools.node, tools.node_modules)


def router_bundle(router: Router, supergraph: Supergraph, root: Path, architecture: Architecture) -> Path:
    """The zip of the router that serves `supergraph`.

    Cached by content. Raises what the router's `bundle` raises.
    """
    cache = root / ".stack/cache/bundles"
    key = hashlib.sha256(f"{supergraph.sdl}\0{architecture}\0{router.fingerprint}".encode())
    target = cache / f"router-{key.hexdigest()[:20]}.zip"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".router-") as scratch:
        tree = router.bundle(supergraph.sdl, Path(scratch) / "tree", architecture)
        write_zip(Path(scratch) / "router.zip", tree)
        os.replace(Path(scratch) / "router.zip", target)
    return target


def _tools(root: Path) -> toolchain.Toolchain:
    tools = toolchain.find(root)
    if tools is None:
        raise SynthesisError(f"the router's packages are missing below {root / '.stack'}; run `make setup`")
    return tools
