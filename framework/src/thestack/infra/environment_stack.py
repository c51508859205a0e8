"""A stack of an environment: its name, its place, and how its template names its assets."""

from aws_cdk import Stack
from constructs import Construct

from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.synthesizer import asset_synthesizer


class EnvironmentStack(Stack):
    """The stack `name` of an environment: a service's, or one of `names.SHARED`. It is in the environment's
    region unless another is named.
    """

    def __init__(
        self,
        scope: Construct,
        environment: Environment,
        name: str,
        description: str,
        *,
        region: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            names.stack(environment.name, name),
            env={"account": environment.account, "region": region or environment.region},
            description=description,
            synthesizer=asset_synthesizer(),
        )
