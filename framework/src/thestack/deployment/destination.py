"""Where a deployment goes, and what it is made from."""

from dataclasses import dataclass
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

    def stack(self, service: str) -> str:
        """A service's stack."""
        return names.stack(self.settings.name, service)
