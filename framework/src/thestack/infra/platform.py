"""The platform's stack: what services share. It knows of none of them.

What supergraph the router serves is no part of it: `thestack.deployment` publishes versions of the router's
function, and moves its alias, which no update of this stack does.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from aws_cdk import Aws, CfnOutput, CfnParameter, Fn
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from thestack.definition import names
from thestack.infra import parameters
from thestack.infra.alarm_topic import AlarmTopic
from thestack.infra.api import Api
from thestack.infra.arns import arn, connections_arn, sockets_arn, subscription_parameters_arn
from thestack.infra.beside import Beside
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack
from thestack.infra.function import FunctionSettings, LiveFunction, statement
from thestack.infra.grant import Kind, Resource
from thestack.infra.grants import origin_grants, sockets_grants
from thestack.infra.mail import Mail
from thestack.infra.releases import Releases
from thestack.infra.sockets import ConnectionsTable, SocketsApi
from thestack.infra.table import pin
from thestack.infra.users import Users, identity

TRIGGER_TIMEOUT = 5
"""Cognito waits five seconds for a trigger, and nobody wants to wait longer for the authorizer."""
SOCKETS_TIMEOUT = 29
"""API Gateway waits this long for an answer."""
NOTHING_TO_SERVE = """\
exports.handler = async () => ({
  statusCode: 503,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({
    errors: [{ message: 'No service is deployed yet.', extensions: { code: 'NOT_DEPLOYED' } }],
  }),
});
"""
"""The router before the first supergraph."""


class PlatformStack(EnvironmentStack):
    """Bus, users, authorizer, router and API of one environment, and the record of what is deployed to it.

    `bundle` is the zip of the authorizer and its like, None where their code is run from the source.
    """

    def __init__(self, scope: Construct, environment: Environment, bundle: Path | None) -> None:
        super().__init__(
            scope,
            environment,
            names.PLATFORM,
            "The bus, the users, the router and the API that services share",
        )
        self._settings, self._bundle = environment, bundle
        self.bus = events.CfnEventBus(self, "Bus", name=names.bus(environment.name))
        pin(self.bus, "Bus")
        self.users = Users(self, "Users", environment, self._pre_token())
        self.router = self._router()
        doorkeeper = self._doorkeeper() if environment.edge else None
        self.api = Api(self, "Api", environment, self.router, self._authorizer(), doorkeeper)
        self.mail = Mail(self, "Mail", environment)
        self.sockets = self._sockets() if environment.subscriptions else None
        self.releases = Releases(self, "Releases", environment)
        if environment.preview:
            Beside(self, "Beside", environment, environment.preview, self.router)
        self.alarms = self._alarms()
        self._publish()

    def _alarms(self) -> AlarmTopic | None:
        """Where all alarms are told: here, because it must be there before the alarms of any service."""
        monitoring = self._settings.monitoring
        if monitoring is None or not monitoring.alarms:
            return None
        return AlarmTopic(self, "Alarms", self._settings, monitoring)

    def _pre_token(self) -> LiveFunction:
        environment = self._settings
        tenant = {"THESTACK_DEFAULT_TENANT": environment.default_tenant} if environment.default_tenant else {}
        return self._python(
            "PreToken", names.pre_token_function(environment.name), "thestack.entry.pre_token.handler", tenant
        )

    def _authorizer(self) -> LiveFunction:
        return self._python(
            "Authorizer",
            names.authorizer_function(self._settings.name),
            "thestack.entry.authorizer.handler",
            {**self._identity, **self._origin},
            grants=self._origin_grants,
        )

    def _doorkeeper(self) -> LiveFunction:
        return self._python(
            "DoorkeeperFunction",
            names.doorkeeper_function(self._settings.name),
            "thestack.entry.doorkeeper.handler",
            self._origin,
            grants=self._origin_grants,
        )

    @property
    def _origin(self) -> Mapping[str, str]:
        """How who keeps a door knows CloudFront. What it has seen is good as long as its decisions are."""
        if self._settings.edge is None:
            return {}
        return {
            "THESTACK_ORIGIN": names.origin_secret(self._settings.name),
            "THESTACK_ORIGIN_KEPT": str(self._settings.authorizer_ttl),
        }

    @property
    def _origin_grants(self) -> Sequence[iam.PolicyStatement]:
        secret = arn("ssm", f"parameter{names.origin_secret(self._settings.name)}")
        return [statement(each, lambda _: [secret]) for each in origin_grants(self._settings)]

    def _sockets(self) -> SocketsApi:
        environment = self._settings
        ConnectionsTable(self, "Connections", environment)
        emulator = self._emulator.value_as_string if self._emulator else None
        api = SocketsApi(self, "Sockets", environment, emulator)
        tenant = {"THESTACK_DEFAULT_TENANT": environment.default_tenant} if environment.default_tenant else {}

        def arns(resource: Resource) -> Sequence[str]:
            table = connections_arn(environment)
            named = {
                Kind.CONNECTIONS: table,
                Kind.CONNECTIONS_INDEX: f"{table}/index/{resource.name}",
                Kind.SOCKETS: sockets_arn(api.api.ref),
                Kind.SUBSCRIPTION_PARAMETERS: subscription_parameters_arn(environment),
            }
            return [named[resource.kind]]

        function = self._python(
            "SocketsFunction",
            names.sockets_function(environment.name),
            "thestack.entry.sockets.handler",
            {**self._identity, **tenant, "THESTACK_SOCKETS": api.endpoint},
            timeout=SOCKETS_TIMEOUT,
            role_name=names.sockets_function(environment.name),
            grants=[statement(each, arns) for each in sockets_grants()],
        )
        api.serve(function)
        return api

    @cached_property
    def _emulator(self) -> CfnParameter | None:
        return parameters.emulator_endpoint(self) if self._settings.emulated else None

    @property
    def _url(self) -> str:
        """Where the API answers, for links that leave the system."""
        if self._emulator:
            return Fn.join(
                "/", [self._emulator.value_as_string, "_aws/execute-api", self.api.api.ref, "$default"]
            )
        return self.api.url

    @cached_property
    def _identity(self) -> Mapping[str, str]:
        """What who verifies access tokens is told."""
        emulator = self._emulator.value_as_string if self._emulator else None
        told = {"THESTACK_CLIENT_IDS": self.users.client.ref, "THESTACK_SCOPE": names.INSIDE_SCOPE}
        if self._settings.tenancy == "single" and self._settings.default_tenant:
            told["THESTACK_ONLY_TENANT"] = self._settings.default_tenant
        return {**identity(self.users.pool.ref, emulator), **told}

    def _python(
        self,
        id: str,
        name: str,
        handler: str,
        variables: Mapping[str, str],
        *,
        timeout: int = TRIGGER_TIMEOUT,
        role_name: str | None = None,
        grants: Sequence[iam.PolicyStatement] = (),
    ) -> LiveFunction:
        environment = self._settings
        settings = FunctionSettings(
            name=name,
            handler=handler,
            bundle=self._bundle,
            timeout=timeout,
            role_name=role_name,
            grants=grants,
            variables={
                "THESTACK_ENVIRONMENT": environment.name,
                "THESTACK_ACCOUNT": Aws.ACCOUNT_ID,
                "POWERTOOLS_SERVICE_NAME": "platform",
                "POWERTOOLS_METRICS_NAMESPACE": names.metrics(environment.name),
                "POWERTOOLS_LOG_LEVEL": environment.log_level,
                **variables,
            },
        )
        return LiveFunction(self, id, environment, settings)

    def _router(self) -> LiveFunction:
        environment = self._settings
        settings = FunctionSettings(
            name=names.router_function(environment.name),
            handler="index.handler",
            bundle=None,
            code=NOTHING_TO_SERVE,
            first="RouterFirst",
            runtime=environment.node_runtime,
            timeout=environment.router_timeout,
            role_name=names.router_function(environment.name),
        )
        return LiveFunction(self, "Router", environment, settings)

    def _publish(self) -> None:
        said = {
            parameters.BUS_ARN: self.bus.attr_arn,
            parameters.ROUTER_ROLE: self.router.role.role_name,
            parameters.POOL_ID: self.users.pool.ref,
            parameters.POOL_ARN: self.users.pool.attr_arn,
            parameters.CLIENT_ID: self.users.client.ref,
            parameters.API_ID: self.api.api.ref,
        }
        if self.api.keeper:
            said[parameters.DOORKEEPER] = self.api.keeper.ref
        else:  # with CloudFront before it, the API is reached where the stack `edge` says
            said[parameters.API_URL] = self._url
        if self.alarms:
            said[parameters.ALARMS_TOPIC] = self.alarms.arn
        for key, value in said.items():
            parameters.publish(self, self._settings, key, value)
        CfnOutput(self, "ApiUrl", value=self.api.url)
        CfnOutput(self, "ApiId", value=self.api.api.ref)
        CfnOutput(self, "UserPoolId", value=self.users.pool.ref)
        CfnOutput(self, "UserPoolClientId", value=self.users.client.ref)
