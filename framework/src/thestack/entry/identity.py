"""Whose access tokens a function believes, by its variables."""

import os

from botocore.session import get_session

from thestack.adapters.aws.identity import CognitoIdentity


def identity_of_pool() -> CognitoIdentity:
    """The environment's user pool; in a single-tenant environment that tenant's users alone."""
    return CognitoIdentity(
        get_session().create_client("cognito-idp"),
        pool_id=os.environ["THESTACK_USER_POOL"],
        issuer=os.environ["THESTACK_ISSUER"],
        jwks_url=os.environ["THESTACK_JWKS_URL"],
        client_ids=frozenset(os.environ["THESTACK_CLIENT_IDS"].split(",")),
        scope=os.environ.get("THESTACK_SCOPE"),
        tenant=os.environ.get("THESTACK_ONLY_TENANT"),
    )
