"""The HTTP API with its two doors: `/graphql` behind the authorizer, `/public/graphql` without.

Where CloudFront stands before it, both ask for its secret: HTTP APIs take neither a web ACL nor a resource
policy, so that nothing else keeps their own address shut.
"""

import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_logs as logs
from constructs import Construct

from thestack.definition import names
from thestack.infra.arns import arn
from thestack.infra.environment import Environment
from thestack.infra.function import LOG_WAIVERS, LiveFunction
from thestack.infra.waivers import waive
from thestack.runtime.origin import HEADER

DOORS = {"/graphql": True, "/public/graphql": False}
"""Each path, and whether the authorizer stands before it."""
METHODS = ("POST", "GET")
TOKEN_HEADER = "authorization"  # noqa: S105 - its name
TOKEN, SECRET = "$request.header.Authorization", f"$request.header.{HEADER}"
"""What decisions are cached by; a request without them is 401 before any function runs."""
ASKED_BY_BROWSERS = (
    "authorization",
    "content-type",
    "graphql-client-name",
    "traceparent",
    "x-correlation-id",
)
PREFLIGHT = 3600
"""Seconds for which a browser remembers that it may."""
ACCESS_LINE = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "routerMs": "$context.integrationLatency",
    "authorizerMs": "$context.authorizer.latency",
    "error": "$context.error.message",
}
"""What the access log says of a request: no address, no header, no claim."""


class Api(Construct):
    """API, routes, authorizers and stage. The router and the authorizers are called by their aliases.

    `doorkeeper` is there where CloudFront is: it decides for who needs no token, by the authorizer `keeper`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        router: LiveFunction,
        authorizer: LiveFunction,
        doorkeeper: LiveFunction | None = None,
    ) -> None:
        super().__init__(scope, id)
        origins = environment.browser_origins
        cors = _cors(origins) if origins else None
        is_spelt_otherwise = environment.emulated and environment.edge is not None
        self.api = apigateway.CfnApi(
            self,
            "Api",
            name=names.api(environment.name),
            protocol_type="HTTP",
            description="The supergraph: /graphql for those with a token, /public/graphql for everybody",
            cors_configuration=None if is_spelt_otherwise else cors,
        )
        if is_spelt_otherwise:
            # The emulator takes it from a template by the names that API Gateway's own API has for its parts.
            self.api.add_property_override("CorsConfiguration", cors)
        integration = apigateway.CfnIntegration(
            self,
            "Router",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=router.arn,
            payload_format_version="2.0",
            timeout_in_millis=environment.router_timeout * 1000,
        )
        guard = self._guard("Authorizer", environment, authorizer, [TOKEN, SECRET] if doorkeeper else [TOKEN])
        self.keeper = self._guard("Doorkeeper", environment, doorkeeper, [SECRET]) if doorkeeper else None
        for path, guarded in DOORS.items():
            decides = guard if guarded else self.keeper
            for method in METHODS:
                route = apigateway.CfnRoute(
                    self,
                    f"{method.title()}{'Graphql' if guarded else 'PublicGraphql'}",
                    api_id=self.api.ref,
                    route_key=f"{method} {path}",
                    target=f"integrations/{integration.ref}",
                    authorization_type="CUSTOM" if decides else "NONE",
                    authorizer_id=decides.ref if decides else None,
                )
                if not guarded:
                    waive(route, {"AwsSolutions-APIG4": "The router runs public fields alone here."})
            called = arn("execute-api", f"{self.api.ref}/*/*{path}")
            router.allow(
                f"{'Graphql' if guarded else 'PublicGraphql'}MayInvoke", "apigateway.amazonaws.com", called
            )
        self._stage(environment)

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f"https://{self.api.ref}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}"

    def _guard(
        self, id: str, environment: Environment, authorizer: LiveFunction, sources: Sequence[str]
    ) -> apigateway.CfnAuthorizer:
        function = (
            f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}:lambda:path/2015-03-31/functions/{authorizer.arn}"
        )
        guard = apigateway.CfnAuthorizer(
            self,
            id,
            api_id=self.api.ref,
            name=f"{environment.name}-{id.lower()}",
            authorizer_type="REQUEST",
            authorizer_uri=f"{function}/invocations",
            authorizer_payload_format_version="2.0",
            enable_simple_responses=True,
            identity_source=list(sources),
            authorizer_result_ttl_in_seconds=environment.authorizer_ttl,
        )
        authorizer.allow(
            "ApiMayInvoke",
            "apigateway.amazonaws.com",
            arn("execute-api", f"{self.api.ref}/authorizers/{guard.ref}"),
        )
        return guard

    def _stage(self, environment: Environment) -> None:
        settings = None
        if environment.access_log:
            log = logs.CfnLogGroup(
                self,
                "AccessLog",
                log_group_name=names.access_log_group(environment.name),
                retention_in_days=environment.log_retention_days,
            )
            waive(log, LOG_WAIVERS)
            log.apply_removal_policy(
                RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY
            )
            settings = apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log.attr_arn, format=json.dumps(ACCESS_LINE)
            )
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=settings,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=environment.throttle_rate,
                throttling_burst_limit=environment.throttle_burst,
                detailed_metrics_enabled=environment.route_metrics,
            ),
        )


def _cors(origins: Sequence[str]) -> dict[str, Any]:
    """Preflights are answered by the API itself; there are no cookies."""
    return {
        "allowOrigins": list(origins),
        "allowMethods": list(METHODS),
        "allowHeaders": list(ASKED_BY_BROWSERS),
        "exposeHeaders": ["x-correlation-id"],
        "maxAge": PREFLIGHT,
    }
