"""The platform's stack.

What services share. It knows of each service its name and what it answers to everybody, nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Aws, CfnOutput, CfnParameter, Fn, Stack
from aws_cdk import aws_events as events
from constructs import Construct

from thestack.definition import names
from thestack.definition.model import ServiceModel
from thestack.infra import parameters
from thestack.infra.api import Api
from thestack.infra.arns import live_function_arn
from thestack.infra.environment import Environment
from thestack.infra.function import FunctionSettings, LiveFunction
from thestack.infra.supergraph import public_fields
from thestack.infra.synthesizer import asset_synthesizer
from thestack.infra.table import pin
from thestack.infra.users import Users
from thestack.ports.router import Router, RouterSettings

TRIGGER_TIMEOUT = 5
"""Cognito waits five seconds for a trigger, and nobody wants to wait longer for the authorizer."""
EMULATOR_ENDPOINT = "EmulatorEndpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformBundles:
    """The zips, or folders, that the platform's functions run, and the router that `router_bundle` was made
    by; None where their code is run from the source.
    """

    authorizer: Path | None
    router: Router
    router_bundle: Path | None


class PlatformStack(Stack):
    """Bus, users, authorizer, router and API of one environment."""

    def __init__(
        self,
        scope: Construct,
        environment: Environment,
        models: Sequence[ServiceModel],
        bundles: PlatformBundles,
    ) -> None:
        super().__init__(
            scope,
            names.platform_stack(environment.name),
            env={"account": environment.account, "region": environment.region},
            description="The bus, the users, the router and the API that services share",
            synthesizer=asset_synthesizer(),
        )
        self._settings, self._bundles = environment, bundles
        self.bus = events.CfnEventBus(self, "Bus", name=names.bus(environment.name))
        pin(self.bus, "Bus")
        self.users = Users(self, "Users", environment, self._pre_token())
        self.router = self._router(models)
        self.api = Api(self, "Api", environment, self.router, self._authorizer())
        self._publish()

    def _pre_token(self) -> LiveFunction:
        environment = self._settings
        tenant = {"THESTACK_DEFAULT_TENANT": environment.default_tenant} if environment.default_tenant else {}
        return self._python(
            "PreToken", names.pre_token_function(environment.name), "thestack.entry.pre_token.handler", tenant
        )

    def _authorizer(self) -> LiveFunction:
        users, environment = self.users, self._settings
        jwks_base = users.issuer
        if environment.emulated:
            # The emulator issues tokens in AWS's name and serves their keys itself, on a port that is
            # chosen when it starts.
            endpoint = CfnParameter(
                self,
                EMULATOR_ENDPOINT,
                type="String",
                description="Where the emulator answers, http://127.0.0.1:PORT",
            )
            jwks_base = Fn.join("/", [endpoint.value_as_string, users.pool.ref])
        variables = {
            "THESTACK_USER_POOL": users.pool.ref,
            "THESTACK_CLIENT_IDS": users.client.ref,
            "THESTACK_ISSUER": users.issuer,
            "THESTACK_JWKS_URL": f"{jwks_base}/.well-known/jwks.json",
        }
        return self._python(
            "Authorizer",
            names.authorizer_function(environment.name),
            "thestack.entry.authorizer.handler",
            variables,
        )

    def _python(self, id: str, name: str, handler: str, variables: Mapping[str, str]) -> LiveFunction:
        environment = self._settings
        settings = FunctionSettings(
            name=name,
            handler=handler,
            bundle=self._bundles.authorizer,
            timeout=TRIGGER_TIMEOUT,
            variables={
                "THESTACK_ENVIRONMENT": environment.name,
                "THESTACK_ACCOUNT": Aws.ACCOUNT_ID,
                "POWERTOOLS_SERVICE_NAME": "platform",
                "POWERTOOLS_METRICS_NAMESPACE": "thestack",
                "POWERTOOLS_LOG_LEVEL": environment.log_level,
                **variables,
            },
        )
        return LiveFunction(self, id, environment, settings)

    def _router(self, models: Sequence[ServiceModel]) -> LiveFunction:
        environment = self._settings
        subgraphs = {
            model.name: live_function_arn(names.graphql_function(environment.name, model.name))
            for model in models
            if model.answers
        }
        told = RouterSettings(subgraphs, public_fields(models), environment.introspection)
        settings = FunctionSettings(
            name=names.router_function(environment.name),
            handler=self._bundles.router.handler,
            bundle=self._bundles.router_bundle,
            runtime=environment.node_runtime,
            timeout=environment.router_timeout,
            role_name=names.router_function(environment.name),
            variables=self._bundles.router.variables(told),
        )
        return LiveFunction(self, "Router", environment, settings)

    def _publish(self) -> None:
        said = {
            parameters.BUS_ARN: self.bus.attr_arn,
            parameters.ROUTER_ROLE: self.router.role.role_name,
            parameters.POOL_ID: self.users.pool.ref,
            parameters.POOL_ARN: self.users.pool.attr_arn,
            parameters.CLIENT_ID: self.users.client.ref,
        }
        for key, value in said.items():
            parameters.publish(self, self._settings, key, value)
        CfnOutput(self, "ApiUrl", value=self.api.url)
        CfnOutput(self, "ApiId", value=self.api.api.ref)
        CfnOutput(self, "UserPoolId", value=self.users.pool.ref)
        CfnOutput(self, "UserPoolClientId", value=self.users.client.ref)
