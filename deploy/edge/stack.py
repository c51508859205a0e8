"""The stack of CloudFront before the API, whose own address is shut to everybody else."""

from pathlib import Path
from typing import Any

from aws_cdk import App, Aws, CfnParameter, Fn, Token
from aws_cdk import aws_cloudfront as cloudfront

from deploy.edge.distribution import ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED, Distribution
from deploy.edge.settings import unset
from thestack.definition import names
from thestack.infra import parameters
from thestack.infra.api import ASKED_BY_BROWSERS, TOKEN_HEADER
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack
from thestack.infra.pieces import Edge
from thestack.runtime.origin import HEADER

API = "api"
METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
"""CloudFront knows no narrower set with POST in it; the API has no route for the others."""
PREFLIGHT = ("access-control-request-headers", "access-control-request-method", "origin")
ORIGIN_SECRET_LENGTH = 32


def add_edge(app: App, environment: Environment, _: Path | None) -> None:
    """Add the stack, where the environment has an edge. Raises `SynthesisError` for what is not set."""
    if environment.edge:
        EdgeStack(app, environment, environment.edge)


class EdgeStack(EnvironmentStack):
    """CloudFront before the API. It adds the secret that the API's authorizers ask for, which a deployment
    hands to this stack: CloudFormation takes SSM's secure strings for no property of a distribution.
    """

    def __init__(self, scope: App, environment: Environment, edge: Edge) -> None:
        super().__init__(scope, environment, names.EDGE, "CloudFront before the API")
        _check(environment, edge)
        self._settings = environment
        asked = self._asked()
        distribution = Distribution(
            self,
            "Api",
            environment,
            label=names.API_HOST,
            origins=[self._origin()],
            default=_behavior(CACHING_DISABLED, asked),
            behaviors=[
                {"pathPattern": "/graphql", **_behavior(self._token_alone(), asked)},
                # A hook's caller proves itself by whichever header it has: all are handed on.
                {"pathPattern": "/public/hooks/*", **_behavior(CACHING_DISABLED, ALL_VIEWER_EXCEPT_HOST)},
            ],
            web_acl=edge.web_acl_arn if edge.waf else None,
        )
        parameters.publish(self, environment, parameters.API_URL, distribution.url)
        parameters.publish(self, environment, parameters.API_DISTRIBUTION, distribution.distribution.ref)

    def _origin(self) -> dict[str, Any]:
        secret = CfnParameter(
            self,
            names.ORIGIN_SECRET,
            type="String",
            no_echo=True,
            min_length=ORIGIN_SECRET_LENGTH,
            description="What CloudFront tells the API, so that it is known there",
        )
        api = parameters.read(self, self._settings, parameters.API_ID)
        headers = [{"headerName": HEADER, "headerValue": secret.value_as_string}]
        if self._settings.emulated:  # it serves every API itself, by plain HTTP on a port of its own
            port = Fn.select(2, Fn.split(":", parameters.emulator_endpoint(self).value_as_string))
            return {
                "id": API,
                "domainName": "127.0.0.1",
                "originPath": f"/_aws/execute-api/{api}/$default",
                "originCustomHeaders": headers,
                "customOriginConfig": {
                    "originProtocolPolicy": "http-only",
                    "httpPort": Token.as_number(port),
                },
            }
        return {
            "id": API,
            "domainName": f"{api}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
            "originCustomHeaders": headers,
            "customOriginConfig": {
                "originProtocolPolicy": "https-only",
                "originSslProtocols": ["TLSv1.2"],
                "originReadTimeout": self._settings.router_timeout + 1,
            },
        }

    def _asked(self) -> str:
        """What of a request is handed on beside its token: headers that the router reads, and preflights'."""
        policy = cloudfront.CfnOriginRequestPolicy(
            self,
            "Asked",
            origin_request_policy_config={
                "name": f"{self._settings.name}-{API}",
                "cookiesConfig": {"cookieBehavior": "none"},
                "headersConfig": {
                    "headerBehavior": "whitelist",
                    "headers": sorted({"accept", *PREFLIGHT, *ASKED_BY_BROWSERS} - {TOKEN_HEADER}),
                },
                "queryStringsConfig": {"queryStringBehavior": "all"},
            },
        )
        return policy.attr_id

    def _token_alone(self) -> str:
        """Hands the token on, which only cache policies do, and none that forbids to cache. What it lets
        CloudFront keep are answers that say they may be kept, by token and query, for a second; the router's
        say `no-store`.
        """
        policy = cloudfront.CfnCachePolicy(
            self,
            "Token",
            cache_policy_config={
                "name": f"{self._settings.name}-{API}",
                "minTtl": 0,
                "defaultTtl": 0,
                "maxTtl": 1,
                "parametersInCacheKeyAndForwardedToOrigin": {
                    "cookiesConfig": {"cookieBehavior": "none"},
                    "headersConfig": {"headerBehavior": "whitelist", "headers": [TOKEN_HEADER]},
                    "queryStringsConfig": {"queryStringBehavior": "all"},
                    "enableAcceptEncodingBrotli": True,
                    "enableAcceptEncodingGzip": True,
                },
            },
        )
        return policy.attr_id


def _behavior(cache: str, request: str) -> dict[str, Any]:
    return {
        "targetOriginId": API,
        "allowedMethods": METHODS,
        "cachePolicyId": cache,
        "originRequestPolicyId": request,
    }


def _check(environment: Environment, edge: Edge) -> None:
    """What the stacks before come to must be in the settings: no stack of this region can refer to it."""
    needed = [
        (edge.domain and not edge.zone_id, "domain", "zone_id", names.ZONE),
        (edge.domain and not edge.certificate_arn, "domain", "certificate_arn", names.EDGE_GLOBAL),
        (edge.waf and not edge.web_acl_arn, "waf", "web_acl_arn", names.EDGE_GLOBAL),
    ]
    for is_missing, piece, setting, stack in needed:
        if is_missing:
            raise unset(environment, piece, setting, stack)
