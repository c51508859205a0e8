"""Where a deployment goes, and what it is made from."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from thestack.definition import names
from thestack.deployment.record import Record
from thestack.infra.environment import Environment
from thestack.operations.aws import Aws
from thestack.toolchain.installation import Report


@dataclass(frozen=True)
class Destination:
    """An environment on an AWS, and the checkout at `root`. `report` is told each step."""

    root: Path
    settings: Environment
    aws: Aws
    report: Report

    @cached_property
    def record(self) -> Record:
        """What runs there."""
        return Record(self.aws, self.settings.name)

    @property
    def router(self) -> str:
        """The router's function."""
        return names.router_function(self.settings.name)

    def subgraph(self, service: str) -> str:
        """A service's subgraph function; in a preview, of what is not in it the base's."""
        preview = self.settings.preview
        is_borrowed = preview is not None and service in preview.borrowed
        return names.graphql_function(
            preview.base if preview and is_borrowed else self.settings.name, service
        )

    def aws_of(self, service: str) -> Aws:
        """Where the stack of a service, or of one of `names.SHARED`, is: all but one in the same region."""
        if service == names.EDGE_GLOBAL and self.aws.endpoint is None:
            return replace(self.aws, region=names.EDGE_REGION)
        return self.aws

    def stack(self, service: str) -> str:
        """A service's stack."""
        return names.stack(self.settings.name, service)
