"""What both frontends are made of: a private bucket that CloudFront alone reads, and CloudFront before it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aws_cdk import Aws, Fn, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deploy.edge.distribution import CACHING_OPTIMIZED, Config, Distribution
from thestack.definition import names
from thestack.infra import parameters
from thestack.infra.arns import bucket_arn
from thestack.infra.buckets import KEPT_VERSIONS, UNFINISHED
from thestack.infra.environment import Environment
from thestack.infra.private_bucket import PrivateBucket

FUNCTIONS = Path(__file__).with_name("functions")
RUNTIME = "cloudfront-js-2.0"
PAGES = "pages"


class Site(Construct):
    """A frontend. `stack` is the name of its stack, `label` that in the environment's domain; `function` is
    run before its pages are looked up; `emulator` is where one answers. Tells `thestack publish` where it is.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        *,
        stack: str,
        label: str,
        function: cloudfront.CfnFunction,
        emulator: str | None,
        origins: Sequence[Config] = (),
        behaviors: Sequence[Config] = (),
    ) -> None:
        super().__init__(scope, id)
        self._settings, self._emulator = environment, emulator
        bucket = self._bucket(stack)
        self.distribution = Distribution(
            self,
            "CloudFront",
            environment,
            label=label,
            origins=[self._pages(bucket, stack), *origins],
            default={
                "targetOriginId": PAGES,
                "allowedMethods": ["GET", "HEAD"],
                "cachePolicyId": CACHING_OPTIMIZED,
                "functionAssociations": [before(function)],
            },
            behaviors=behaviors,
            policy=content_policy(self._connections()),
        )
        self._let_read(bucket)
        parameters.publish(self, environment, names.site_url(stack), self.url)
        parameters.publish(
            self, environment, names.site_distribution(stack), self.distribution.distribution.ref
        )

    @property
    def url(self) -> str:
        """Where browsers find it: by TLS, which its cookies and its policy ask for."""
        return f"https://{self.host}"

    @property
    def host(self) -> str:
        """Its name in the environment's domain, or CloudFront's own."""
        return self.distribution.host or self.distribution.distribution.attr_domain_name

    def _bucket(self, stack: str) -> PrivateBucket:
        return PrivateBucket(
            self,
            "Pages",
            self._settings,
            arn=bucket_arn(self._settings, stack, names.SITE),
            logical_id="Pages",
            versioned=True,
            lifecycle=[
                {
                    "id": "GiveUpUnfinished",
                    "status": "Enabled",
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": UNFINISHED},
                },
                {
                    "id": "ForgetVersions",
                    "status": "Enabled",
                    "noncurrentVersionExpiration": {"noncurrentDays": KEPT_VERSIONS},
                    "expiredObjectDeleteMarker": True,
                },
            ],
        )

    def _pages(self, bucket: PrivateBucket, stack: str) -> dict[str, Any]:
        return {
            "id": PAGES,
            "domainName": bucket.bucket.attr_regional_domain_name,
            "originAccessControlId": access(self, "Access", f"{self._settings.name}-{stack}", "s3").attr_id,
            "s3OriginConfig": {"originAccessIdentity": ""},
        }

    def _let_read(self, bucket: PrivateBucket) -> None:
        """This distribution alone, and only what it knows the name of: there is no list."""
        shown = iam.PolicyStatement(
            sid="LetCloudFrontShow",
            principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
            actions=["s3:GetObject"],
            resources=[f"{bucket.arn}/*"],
            conditions={"StringEquals": {"aws:SourceArn": self.distribution.arn}},
        )
        bucket.policy.add_statements(shown)
        if self._settings.emulated:  # which enforces this, and the rest of the policy against ourselves
            s3.CfnBucketPolicy(
                self,
                "PagesPolicy",
                bucket=bucket.bucket.ref,
                policy_document=iam.PolicyDocument(statements=[shown]),
            )

    def _connections(self) -> Sequence[str]:
        """Where the pages' scripts may connect to: the API, and Cognito's."""
        environment = self._settings
        cognito = f"https://cognito-idp.{Aws.REGION}.{Aws.URL_SUFFIX}"
        api = parameters.read(self, environment, parameters.API_URL)
        if self._emulator:  # it is Cognito, and without an edge the API, whose address has a path there
            return [*([api] if environment.edge else []), self._emulator]
        return [api, cognito]


def emulator_of(stack: Stack, environment: Environment) -> str | None:
    """Where the emulator answers that the stack is for, if there is one. For one call a stack."""
    return parameters.emulator_endpoint(stack).value_as_string if environment.emulated else None


def content_policy(connections: Sequence[str]) -> str:
    """The Content-Security-Policy of the pages: what they load is theirs, and text never becomes markup."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            Fn.join(" ", ["connect-src 'self'", *connections]),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
            "upgrade-insecure-requests",
        ]
    )


def access(scope: Construct, id: str, name: str, kind: str) -> cloudfront.CfnOriginAccessControl:
    """By which CloudFront signs what it asks of an origin of this kind, "s3" or "lambda"."""
    return cloudfront.CfnOriginAccessControl(
        scope,
        id,
        origin_access_control_config={
            "name": name,
            "originAccessControlOriginType": kind,
            "signingBehavior": "always",
            "signingProtocol": "sigv4",
        },
    )


def script(scope: Construct, id: str, name: str, *sources: str, **further: Any) -> cloudfront.CfnFunction:
    """A function on CloudFront, of these files of `functions` one after the other."""
    code = "\n".join((FUNCTIONS / each).read_text(encoding="utf-8") for each in sources)
    return cloudfront.CfnFunction(
        scope,
        id,
        name=name,
        auto_publish=True,
        function_code=further.pop("head", "") + code,
        function_config={"comment": name, "runtime": RUNTIME, **further},
    )


def before(function: cloudfront.CfnFunction) -> Config:
    """That it runs before a request is looked up."""
    return {"eventType": "viewer-request", "functionArn": function.attr_function_arn}
