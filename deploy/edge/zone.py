"""The stack of the environment's DNS zone."""

from pathlib import Path

from aws_cdk import App, CfnOutput, Fn, RemovalPolicy
from aws_cdk import aws_route53 as route53

from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack
from thestack.infra.table import pin


def add_zone(app: App, environment: Environment, _: Path | None) -> None:
    """Add the stack, where the environment has a domain."""
    if environment.edge and environment.edge.domain:
        ZoneStack(app, environment, environment.edge.domain)


class ZoneStack(EnvironmentStack):
    """The zone of the domain. Who has the domain above must name its servers; certificates wait for that."""

    def __init__(self, scope: App, environment: Environment, domain: str) -> None:
        super().__init__(scope, environment, names.ZONE, f"The DNS zone of {domain}")
        zone = route53.CfnHostedZone(
            self,
            "Zone",
            name=domain,
            hosted_zone_config=route53.CfnHostedZone.HostedZoneConfigProperty(
                comment=f"The environment {environment.name}"
            ),
        )
        # Another zone of the same name gets other servers, and the domain is gone until they are named.
        zone.apply_removal_policy(RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY)
        pin(zone, "Zone")
        CfnOutput(self, "ZoneId", value=zone.ref, description="edge.zone_id of the environment's settings")
        CfnOutput(
            self,
            "NameServers",
            value=Fn.join(" ", zone.attr_name_servers),
            description=f"The NS record of {domain} in the zone above it",
        )
