"""A CloudFront distribution as all of this stack are: over TLS alone, with its names, headers and logs."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Aws, CfnOutput
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_route53 as route53
from constructs import Construct

from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.pieces import Edge
from thestack.infra.private_bucket import PrivateBucket
from thestack.infra.waivers import waive

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""CloudFront's own cache policy that caches nothing."""
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""CloudFront's own cache policy for files, which keys on their path and on how they are compressed."""
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""CloudFront's own policy that hands on all of a request but the name that it was sent to."""
OLDEST_TLS = "TLSv1.2_2021"
TWO_YEARS = 63_072_000
_CLOUDFRONTS_ZONE = "Z2FDTNDATAQYW2"
"""Where Route 53 has the names of all distributions."""

Config = Mapping[str, Any]
"""A part of a distribution's configuration, as CloudFormation has it with its first letters small."""


class Distribution(Construct):
    """The distribution that is reached as `label` in the environment's domain, or by CloudFront's own name.

    `default` and each of `behaviors` are cache behaviors: what they have in common is added. `policy` is the
    pages' Content-Security-Policy. `web_acl` is an ARN of us-east-1; `further` are other parts of its
    configuration.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        *,
        label: str,
        origins: Sequence[Config],
        default: Config,
        behaviors: Sequence[Config] = (),
        policy: str | None = None,
        web_acl: str | None = None,
        **further: Any,
    ) -> None:
        super().__init__(scope, id)
        self._settings, self._edge, self._label = environment, environment.edge or Edge(), label
        self._headers = self._security_headers(policy)
        has_name = self.host is not None
        self.distribution = cloudfront.CfnDistribution(
            self,
            "Distribution",
            distribution_config={
                "enabled": True,
                "comment": f"{environment.name}: {label}",
                "httpVersion": "http2and3",
                "ipv6Enabled": True,
                "priceClass": "PriceClass_100",
                "origins": list(origins),
                "defaultCacheBehavior": self._behavior(default),
                **({"cacheBehaviors": [self._behavior(each) for each in behaviors]} if behaviors else {}),
                **({"aliases": [self.host], "viewerCertificate": self._certificate()} if has_name else {}),
                **({"logging": self._logging()} if self._edge.logs else {}),
                **({"webAclId": web_acl} if web_acl else {}),
                **further,
            },
        )
        if has_name:
            self._records()
        self._waive(has_acl=web_acl is not None)
        CfnOutput(self, "Url", value=self.url).override_logical_id("Url")

    @property
    def host(self) -> str | None:
        """Its name in the environment's domain, once that has a certificate."""
        domain = self._edge.domain
        return names.host(self._label, domain) if domain and self._edge.certificate_arn else None

    @property
    def url(self) -> str:
        """Where it answers. On the emulator that takes a client which looks CloudFront's names up there."""
        scheme = "http" if self._settings.emulated else "https"
        return f"{scheme}://{self.host or self.distribution.attr_domain_name}"

    @property
    def arn(self) -> str:
        """Its ARN, for the policies of what it reads."""
        return f"arn:{Aws.PARTITION}:cloudfront::{Aws.ACCOUNT_ID}:distribution/{self.distribution.ref}"

    def _behavior(self, own: Config) -> dict[str, Any]:
        common = {
            "viewerProtocolPolicy": "https-only",
            "compress": True,
            "responseHeadersPolicyId": self._headers.attr_id,
        }
        # The emulator is reached by plain HTTP over loopback.
        return {**common, **own, **({"viewerProtocolPolicy": "allow-all"} if self._settings.emulated else {})}

    def _security_headers(self, policy: str | None) -> cloudfront.CfnResponseHeadersPolicy:
        return cloudfront.CfnResponseHeadersPolicy(
            self,
            "Headers",
            response_headers_policy_config={
                "name": f"{self._settings.name}-{self._label}",
                "securityHeadersConfig": {
                    "strictTransportSecurity": {
                        "accessControlMaxAgeSec": TWO_YEARS,
                        "includeSubdomains": True,
                        "override": True,
                    },
                    "contentTypeOptions": {"override": True},
                    "frameOptions": {"frameOption": "DENY", "override": True},
                    "referrerPolicy": {"referrerPolicy": "strict-origin-when-cross-origin", "override": True},
                    **(
                        {"contentSecurityPolicy": {"contentSecurityPolicy": policy, "override": True}}
                        if policy
                        else {}
                    ),
                },
            },
        )

    def _certificate(self) -> Config:
        return {
            "acmCertificateArn": self._edge.certificate_arn,
            "minimumProtocolVersion": OLDEST_TLS,
            "sslSupportMethod": "sni-only",
        }

    def _logging(self) -> Config:
        """Standard logs, delivered by an ACL: those that need none are configured in us-east-1 alone."""
        name = names.bucket(self._settings.name, names.EDGE, f"{self._label}-logs", Aws.ACCOUNT_ID)
        logs = PrivateBucket(
            self,
            "Logs",
            self._settings,
            arn=f"arn:{Aws.PARTITION}:s3:::{name}",
            logical_id="AccessLogs",
            versioned=False,
            lifecycle=[
                {
                    "id": "ForgetLogs",
                    "status": "Enabled",
                    "expirationInDays": self._settings.log_retention_days,
                }
            ],
            by_acl=True,
        )
        return {"bucket": logs.bucket.attr_domain_name, "includeCookies": False}

    def _waive(self, *, has_acl: bool) -> None:
        waive(self, {"AwsSolutions-CFR1": "It is for everybody, wherever they are."})
        if not has_acl:
            reason = "A web ACL costs while idle: an environment has one before its API where it says so."
            waive(self, dict.fromkeys(("AwsSolutions-CFR2", "CKV_AWS_68"), reason))
        if not self._edge.logs:
            reason = "The environment does without these logs; the API has its own."
            waive(self, dict.fromkeys(("AwsSolutions-CFR3", "CKV_AWS_86"), reason))
        if self.host is None:
            reason = "CloudFront's own name comes with a certificate that can't ask for more."
            waive(self, dict.fromkeys(("AwsSolutions-CFR4", "CKV_AWS_174"), reason))

    def _records(self) -> None:
        for kind in ("A", "AAAA"):
            route53.CfnRecordSet(
                self,
                f"Record{kind}",
                hosted_zone_id=self._edge.zone_id,
                name=self.host or "",
                type=kind,
                alias_target={
                    "dnsName": self.distribution.attr_domain_name,
                    "hostedZoneId": _CLOUDFRONTS_ZONE,
                },
            )
