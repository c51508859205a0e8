"""The stacks that the services of an environment share, each made where the environment has the piece."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import aws_cdk as cdk

from deploy.backups.stack import add_backups
from deploy.budget import add_budget
from deploy.edge.stack import add_edge
from deploy.edge.us_east_1 import add_edge_global
from deploy.edge.zone import add_zone
from deploy.frontends.internal import add_internal
from deploy.frontends.public import add_public
from deploy.monitoring.stack import add_monitoring
from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.platform import PlatformStack

Make = Callable[[cdk.App, Environment, Path | None], object]
"""Adds the stack, unless the environment does without it. The path is the zip of the shared functions in
`thestack.entry`, None where their code is run from the source.
"""

STACKS: Mapping[str, Make] = {
    names.PLATFORM: PlatformStack,
    names.BUDGET: add_budget,
    names.ZONE: add_zone,
    names.EDGE_GLOBAL: add_edge_global,
    names.EDGE: add_edge,
    names.FRONTEND_PUBLIC: add_public,
    names.FRONTEND_INTERNAL: add_internal,
    names.MONITORING: add_monitoring,
    names.BACKUPS: add_backups,
}


def add_shared(app: cdk.App, environment: Environment, wanted: Sequence[str], bundle: Path | None) -> None:
    """Add those of `names.SHARED` that are wanted and that the environment has."""
    for name, make in STACKS.items():
        if name in wanted:
            make(app, environment, bundle)
