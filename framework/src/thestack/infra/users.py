"""The user pool: sign-up by e-mail, a tenant that users can't choose, and its claim in access tokens."""

from collections.abc import Mapping

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.function import LiveFunction
from thestack.infra.table import pin
from thestack.infra.waivers import waive

GROUPS = (names.STAFF,)
ACCESS_TOKEN_MINUTES = 60
REFRESH_TOKEN_DAYS = 30


class Users(Construct):
    """The pool with its groups and the frontends' client.

    `pre_token` adds the claim `tenant`; the client can't write the attribute.
    """

    def __init__(self, scope: Construct, id: str, environment: Environment, pre_token: LiveFunction) -> None:
        super().__init__(scope, id)
        self.pool = cognito.CfnUserPool(
            self,
            "Pool",
            user_pool_name=names.user_pool(environment.name),
            user_pool_tier="ESSENTIALS",  # the least that lets a trigger change access tokens
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            username_configuration={"caseSensitive": False},
            admin_create_user_config={"allowAdminCreateUserOnly": not environment.sign_up},
            account_recovery_setting={"recoveryMechanisms": [{"name": "verified_email", "priority": 1}]},
            deletion_protection="ACTIVE" if environment.retain_data else "INACTIVE",
            schema=[
                {"name": "email", "attributeDataType": "String", "required": True, "mutable": True},
                {
                    "name": "tenant",
                    "attributeDataType": "String",
                    "mutable": True,
                    "stringAttributeConstraints": {"minLength": "1", "maxLength": "64"},
                },
            ],
            policies={
                "passwordPolicy": {
                    "minimumLength": 12,
                    "requireLowercase": True,
                    "requireUppercase": True,
                    "requireNumbers": True,
                    "requireSymbols": True,
                    "temporaryPasswordValidityDays": 3,
                }
            },
            lambda_config={"preTokenGenerationConfig": {"lambdaArn": pre_token.arn, "lambdaVersion": "V2_0"}},
        )
        kept = RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY
        self.pool.apply_removal_policy(kept)
        pin(self.pool, "UserPool")
        waive(
            self.pool,
            {
                "AwsSolutions-COG2": "A second factor for all is a product's decision.",
                "AwsSolutions-COG8": "The plus tier costs for each active user.",
            },
        )
        pre_token.allow("PoolMayInvoke", "cognito-idp.amazonaws.com", self.pool.attr_arn, Aws.ACCOUNT_ID)
        for group in GROUPS:
            members = cognito.CfnUserPoolGroup(
                self, f"Group{group.title()}", user_pool_id=self.pool.ref, group_name=group
            )
            members.apply_removal_policy(kept)
        cognito.CfnUserPoolResourceServer(
            self,
            "Api",
            user_pool_id=self.pool.ref,
            identifier=names.RESOURCE_SERVER,
            name=names.RESOURCE_SERVER,
            scopes=[{"scopeName": names.INSIDE, "scopeDescription": "Call the API from inside"}],
        )
        if environment.internal_site:
            cognito.CfnUserPoolDomain(
                self,
                "Domain",
                user_pool_id=self.pool.ref,
                domain=names.user_pool_domain(environment.name, Aws.ACCOUNT_ID),
                managed_login_version=2,
            )
        self.client = cognito.CfnUserPoolClient(
            self,
            "Client",
            user_pool_id=self.pool.ref,
            client_name=f"{names.user_pool(environment.name)}-web",
            generate_secret=False,
            explicit_auth_flows=[
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            read_attributes=["email", "email_verified"],
            write_attributes=["email"],
            access_token_validity=ACCESS_TOKEN_MINUTES,
            id_token_validity=ACCESS_TOKEN_MINUTES,
            refresh_token_validity=REFRESH_TOKEN_DAYS,
            token_validity_units={"accessToken": "minutes", "idToken": "minutes", "refreshToken": "days"},
        )
        pin(self.client, "UserPoolClient")


def issuer(pool_id: str) -> str:
    """The `iss` of the tokens of a user pool of this region."""
    return f"https://cognito-idp.{Aws.REGION}.{Aws.URL_SUFFIX}/{pool_id}"


def identity(pool_id: str, emulator: str | None) -> Mapping[str, str]:
    """What who verifies a pool's tokens is told. An emulator issues them in AWS's name, and serves their keys
    itself.
    """
    keys = f"{emulator}/{pool_id}" if emulator else issuer(pool_id)
    return {
        "THESTACK_USER_POOL": pool_id,
        "THESTACK_ISSUER": issuer(pool_id),
        "THESTACK_JWKS_URL": f"{keys}/.well-known/jwks.json",
    }
