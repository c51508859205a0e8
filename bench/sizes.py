"""What is shipped: the zips of the functions."""

from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, Measurement, Say
from thestack.definition.load import models
from thestack.infra.bundle import Platform, authorizer_bundle, service_bundle
from thestack.infra.environment import load_environment
from thestack.infra.supergraph import default_router, router_bundle, supergraph_of

ENVIRONMENT = "production"
BUDGET = 6.0


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Sizes of the bundles as AWS gets them."""
    environment = load_environment(root, ENVIRONMENT)
    platform = Platform(environment.runtime, environment.architecture)
    services = models(root)
    say(f"bundles for {platform.runtime} on {platform.architecture}")
    sizes = {service.name: service_bundle(service, root, platform) for service in services}
    figures = [
        _size(f"sizes.{name}", f"bundle of {name}", bundle, budget=BUDGET) for name, bundle in sizes.items()
    ]
    supergraph = supergraph_of(services, root)
    router = router_bundle(default_router(root), supergraph, root, environment.architecture)
    return [
        *figures,
        _size("sizes.router", "router", router),
        _size("sizes.authorizer", "authorizer", authorizer_bundle(root, platform)),
    ]


def _size(key: str, name: str, bundle: Path, budget: float | None = None) -> Figure:
    return Figure(key, name, "MB", bundle.stat().st_size / 1e6, budget=budget)


_METHOD = """\
What is uploaded for a function in production: the framework, its locked dependencies, the service's folder.
"""
SIZES = Measurement("sizes", "Bundles, zipped", _METHOD.strip(), measure)
