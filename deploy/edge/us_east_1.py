"""The stack of what CloudFront takes from us-east-1 alone: certificate and web ACL, and nothing else."""

from pathlib import Path

from aws_cdk import App, CfnOutput
from aws_cdk import aws_certificatemanager as acm

from deploy.edge.settings import unset
from deploy.edge.web_acl import WebAcl
from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack
from thestack.infra.pieces import Edge
from thestack.infra.table import pin


def add_edge_global(app: App, environment: Environment, _: Path | None) -> None:
    """Add the stack, where the environment has a domain or a web ACL.

    Raises `SynthesisError` for a domain without its zone.
    """
    edge = environment.edge
    if edge and (edge.domain or edge.waf):
        EdgeGlobalStack(app, environment, edge)


class EdgeGlobalStack(EnvironmentStack):
    """Its outputs are what the environment's settings say: no stack of another region can refer to it."""

    def __init__(self, scope: App, environment: Environment, edge: Edge) -> None:
        super().__init__(
            scope,
            environment,
            names.EDGE_GLOBAL,
            "What CloudFront takes from us-east-1: certificate and web ACL",
            region=names.EDGE_REGION,
        )
        if edge.domain:
            self._certificate(environment, edge.domain, edge.zone_id)
        if edge.waf:
            acl = WebAcl(self, "Waf", environment, edge.waf)
            told = "edge.web_acl_arn of the environment's settings"
            CfnOutput(self, "WebAclArn", value=acl.acl.attr_arn, description=told)

    def _certificate(self, environment: Environment, domain: str, zone: str | None) -> None:
        if zone is None:
            raise unset(environment, "domain", "zone_id", names.ZONE)
        labels = (names.API_HOST, names.PUBLIC_HOST, names.INTERNAL_HOST)
        hosts = [names.host(each, domain) for each in labels]
        certificate = acm.CfnCertificate(
            self,
            "Certificate",
            domain_name=domain,
            subject_alternative_names=hosts,
            validation_method="DNS",
            domain_validation_options=[
                acm.CfnCertificate.DomainValidationOptionProperty(domain_name=each, hosted_zone_id=zone)
                for each in (domain, *hosts)
            ],
        )
        pin(certificate, "Certificate")
        told = "edge.certificate_arn of the environment's settings"
        CfnOutput(self, "CertificateArn", value=certificate.ref, description=told)
