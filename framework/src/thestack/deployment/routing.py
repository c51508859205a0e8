"""The router's step: a version of the router that serves the supergraph, and is pinned to versions.

Until its alias moves, nothing of GraphQL has changed for anybody.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from thestack.contract.composition import Supergraph
from thestack.contract.promise import World, subgraphs
from thestack.definition import names
from thestack.deployment.destination import Destination
from thestack.deployment.functions import discard, publish, switch, version_arn
from thestack.deployment.record import now, who, world_of
from thestack.deployment.release import Release, Served
from thestack.deployment.smoke import Broken, queries, smoke
from thestack.infra.supergraph import compose_all, default_router, router_bundle
from thestack.ports.router import RouterSettings

FIRST = "1"
"""The version of the router that the platform's stack makes, which serves nothing."""
_TENANT = "smoke"


@dataclass(frozen=True, slots=True)
class Bundled:
    """A supergraph and the zip of the router that serves it."""

    supergraph: Supergraph
    path: Path


def bundle(to: Destination, world: World) -> Bundled:
    """The router for these services. Raises `CompositionError`, or what a router's `bundle` raises."""
    supergraph = compose_all(subgraphs(world), to.root)
    path = router_bundle(default_router(to.root), supergraph, to.root, to.settings.architecture)
    return Bundled(supergraph, path)


def route(
    to: Destination,
    releases: Mapping[str, Release],
    hashes: Mapping[str, str],
    asked: Collection[str],
    bundled: Bundled | None = None,
) -> Served | None:
    """Serve these releases: publish a version, ask it about the services `asked`, move the alias.

    Answers what is served now; None if that was so before. Raises `Broken`, and then nothing has changed.
    """
    served = {name: each for name, each in releases.items() if each.contract.sdl}
    pointer = to.record.pointers().get(names.ROUTER)
    if not served:
        switch(to.aws, to.router, FIRST)
        to.record.forget(names.ROUTER)
        return None
    world = world_of(served)
    bundled = bundled or bundle(to, world)
    functions = {name: to.subgraph(name) for name in served}
    arns = {name: version_arn(to.aws, each, served[name].versions[each]) for name, each in functions.items()}
    public = tuple(sorted({field for each in world.values() for field in each.public_fields}))
    before = to.record.served(pointer.current) if pointer else None
    what = (bundled.supergraph.sdl, arns, public)
    if before and (before.supergraph, dict(before.subgraphs), before.public_fields) == what:
        return None
    key = to.record.keep_file(bundled.path, "router")
    router = default_router(to.root)
    metrics = names.metrics(to.settings.name)
    settings = RouterSettings(arns, public, to.settings.introspection, metrics)
    version = publish(
        to.aws,
        to.router,
        to.record.bucket,
        key,
        router.handler,
        router.variables(settings),
        to.settings.architecture,
    )
    contracts = [world[name] for name in asked if name in world]
    if contracts:
        _try(to, version, queries(bundled.supergraph.public_sdl, contracts))
    switch(to.aws, to.router, version)
    pinned = {name: hashes[name] for name in served}
    made = Served(bundled.supergraph.sdl, public, arns, pinned, key, version, now(), who())
    to.record.point(names.ROUTER, to.record.keep(made), pointer.current if pointer else None)
    return made


def reroute(to: Destination, hash: str, asked: Collection[str], current: str) -> Served:
    """Serve again what was served before, by the version that did. Raises `Broken`."""
    served = to.record.served(hash)
    releases = {name: to.record.release(each) for name, each in served.releases.items()}
    public = compose_all(subgraphs(world_of(releases)), to.root).public_sdl
    contracts = [releases[name].contract for name in asked if name in releases]
    smoke(to.aws, to.router, served.version, queries(public, contracts), _tenant(to))
    switch(to.aws, to.router, served.version)
    to.record.point(names.ROUTER, hash, current)
    return served


def _try(to: Destination, version: str, asked: list[str]) -> None:
    try:
        smoke(to.aws, to.router, version, asked, _tenant(to))
    except Broken:
        pointer = to.record.pointers().get(names.ROUTER)
        hashes = [pointer.current, pointer.previous] if pointer else []
        if version not in {to.record.served(each).version for each in hashes if each}:
            discard(to.aws, to.router, version)
        raise


def _tenant(to: Destination) -> str:
    return to.settings.default_tenant or _TENANT
