"""The stack of the internal frontend: CloudFront lets in who has a session, which `/auth` gives to staff."""

from pathlib import Path
from typing import Any

from aws_cdk import App, Aws, Fn
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from deploy.edge.distribution import ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED
from deploy.frontends.site import Site, access, before, emulator_of, script
from thestack.definition import names
from thestack.infra import parameters
from thestack.infra.arns import arn, parameter_arn
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack
from thestack.infra.function import FunctionSettings, LiveFunction
from thestack.infra.stored_keys import STORED, told
from thestack.infra.table import pin
from thestack.infra.users import identity

SIGN_IN = "sign-in"
TIMEOUT = 15
"""Seconds: it asks Cognito twice at most, five seconds each."""
ACCESS_TOKEN_MINUTES = 15
REFRESH_TOKEN_HOURS = 12


def add_internal(app: App, environment: Environment, bundle: Path | None) -> None:
    """Add the stack, where the environment has an internal frontend."""
    if environment.internal_site:
        InternalStack(app, environment, bundle)


class InternalStack(EnvironmentStack):
    """The internal frontend. Nothing of it is shown, and no function called, without a cookie that CloudFront
    verifies; but for `/auth`, whose function CloudFront alone may call.
    """

    def __init__(self, scope: App, environment: Environment, bundle: Path | None) -> None:
        super().__init__(scope, environment, names.FRONTEND_INTERNAL, "The internal frontend, for staff")
        self._settings, self._name = environment, f"{environment.name}-{names.FRONTEND_INTERNAL}"
        self._emulator = emulator_of(self, environment)
        self._pool = parameters.read(self, environment, parameters.POOL_ID)
        function = self._function(bundle)
        self.site = Site(
            self,
            "Site",
            environment,
            stack=names.FRONTEND_INTERNAL,
            label=names.INTERNAL_HOST,
            function=self._guard(),
            emulator=self._emulator,
            origins=[self._origin(function)],
            behaviors=[self._sign_in()],
        )
        self._let_call(function)
        self._client()

    def _guard(self) -> cloudfront.CfnFunction:
        """The keys are put into the store, and changed there, by `thestack publish internal`."""
        store = cloudfront.CfnKeyValueStore(self, "Keys", name=names.session_keys(self._settings.name))
        # An emulator's functions know no stores: publishing tells this one its keys, in its first line.
        head = told({}) if self._settings.emulated else STORED
        return script(
            self,
            "Guard",
            names.guard_function(self._settings.name),
            "pages.js",
            "guard.js",
            head=f"{head}\n",
            keyValueStoreAssociations=[{"keyValueStoreArn": store.attr_arn}],
        )

    def _function(self, bundle: Path | None) -> LiveFunction:
        environment = self._settings
        settings = FunctionSettings(
            name=names.sign_in_function(environment.name),
            handler="thestack.entry.sign_in.handler",
            bundle=bundle,
            timeout=TIMEOUT,
            grants=self._grants(),
            variables={
                **identity(self._pool, self._emulator),
                "THESTACK_AUTHORIZATION": self._authorization,
                "THESTACK_CLIENT": names.parameter(environment.name, names.INTERNAL_CLIENT),
                "THESTACK_SESSIONS": names.session_keys_parameter(environment.name),
                "POWERTOOLS_SERVICE_NAME": SIGN_IN,
                "POWERTOOLS_LOG_LEVEL": environment.log_level,
            },
        )
        return LiveFunction(self, "SignIn", environment, settings)

    def _grants(self) -> list[iam.PolicyStatement]:
        client = names.parameter(self._settings.name, names.INTERNAL_CLIENT)
        return [
            iam.PolicyStatement(
                sid="ReadKeysAndClient",
                actions=["ssm:GetParameter"],
                resources=[
                    parameter_arn(self._settings, names.FRONTEND_INTERNAL, names.SESSION_KEYS),
                    arn("ssm", f"parameter{client}"),
                ],
            ),
            iam.PolicyStatement(
                sid="ReadClientSecret",
                actions=["cognito-idp:DescribeUserPoolClient"],
                resources=[arn("cognito-idp", f"userpool/{self._pool}")],
            ),
        ]

    @property
    def _authorization(self) -> str:
        """The address of the user pool's domain."""
        domain = names.user_pool_domain(self._settings.name, Aws.ACCOUNT_ID)
        return self._emulator or f"https://{domain}.auth.{Aws.REGION}.amazoncognito.com"

    def _origin(self, function: LiveFunction) -> dict[str, Any]:
        """The function's URL costs nothing. CloudFront signs what it asks there; the emulator does not."""
        is_signed = not self._settings.emulated
        self._url = lambda_.CfnUrl(
            self,
            "SignInUrl",
            auth_type="AWS_IAM" if is_signed else "NONE",
            target_function_arn=function.function.function_arn,
            qualifier=names.LIVE,
        )
        self._url.node.add_dependency(function.alias)
        signed = access(self, "SignInAccess", f"{self._name}-{SIGN_IN}", "lambda") if is_signed else None
        return {
            "id": SIGN_IN,
            "domainName": Fn.select(2, Fn.split("/", self._url.attr_function_url)),
            **({"originAccessControlId": signed.attr_id} if signed else {}),
            "customOriginConfig": {
                "originProtocolPolicy": "https-only",
                "originSslProtocols": ["TLSv1.2"],
                "originReadTimeout": TIMEOUT + 1,
            },
        }

    def _sign_in(self) -> dict[str, Any]:
        forward = script(self, "Forward", f"{self._name}-{SIGN_IN}", "forward.js")
        return {
            "pathPattern": "/auth/*",
            "targetOriginId": SIGN_IN,
            "allowedMethods": ["GET", "HEAD"],
            "cachePolicyId": CACHING_DISABLED,
            "originRequestPolicyId": ALL_VIEWER_EXCEPT_HOST,
            "functionAssociations": [before(forward)],
        }

    def _let_call(self, function: LiveFunction) -> None:
        """A function's URL takes both rights; the second one holds by way of the URL alone."""
        if self._settings.emulated:
            caller: dict[str, Any] = {"principal": "*", "function_url_auth_type": "NONE"}
        else:
            caller = {
                "principal": "cloudfront.amazonaws.com",
                "source_arn": self.site.distribution.arn,
                "source_account": Aws.ACCOUNT_ID,
            }
        lambda_.CfnPermission(
            self, "CloudFrontMayAsk", action="lambda:InvokeFunctionUrl", function_name=function.arn, **caller
        )
        if not self._settings.emulated:
            lambda_.CfnPermission(
                self,
                "CloudFrontMayInvoke",
                action="lambda:InvokeFunction",
                function_name=function.arn,
                invoked_via_function_url=True,
                **caller,
            )

    def _client(self) -> None:
        """The app client, whose secret the function alone reads, with the one address it may lead back to."""
        client = cognito.CfnUserPoolClient(
            self,
            "Client",
            user_pool_id=self._pool,
            client_name=self._name,
            generate_secret=True,
            explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH"],
            allowed_o_auth_flows_user_pool_client=True,
            allowed_o_auth_flows=["code"],
            allowed_o_auth_scopes=list(names.SIGN_IN_SCOPES),
            callback_ur_ls=[f"{self.site.url}/auth/callback"],
            logout_ur_ls=[f"{self.site.url}/auth/signed-out"],
            supported_identity_providers=["COGNITO"],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            read_attributes=["email", "email_verified"],
            write_attributes=["email"],
            access_token_validity=ACCESS_TOKEN_MINUTES,
            id_token_validity=ACCESS_TOKEN_MINUTES,
            refresh_token_validity=REFRESH_TOKEN_HOURS,
            token_validity_units={"accessToken": "minutes", "idToken": "minutes", "refreshToken": "hours"},
        )
        pin(client, "Client")
        parameters.publish(self, self._settings, names.INTERNAL_CLIENT, client.ref)
        if not self._settings.emulated:  # which has a sign-in page of its own
            cognito.CfnManagedLoginBranding(
                self,
                "SignInPage",
                user_pool_id=self._pool,
                client_id=client.ref,
                use_cognito_provided_values=True,
            )
