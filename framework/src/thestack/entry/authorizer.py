"""Lambda authorizer of the HTTP API: one cached decision for the whole API."""

import asyncio
import os
from typing import Any

from aws_lambda_powertools import Logger
from botocore.session import get_session

from thestack.adapters.aws.identity import CognitoIdentity
from thestack.runtime.authorize import authorize, to_context

logger = Logger()
identity = CognitoIdentity(
    get_session().create_client("cognito-idp"),
    pool_id=os.environ["THESTACK_USER_POOL"],
    issuer=os.environ["THESTACK_ISSUER"],
    jwks_url=os.environ["THESTACK_JWKS_URL"],
    client_ids=frozenset(os.environ["THESTACK_CLIENT_IDS"].split(",")),
)
loop = asyncio.Runner()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """HTTP API authorizer, payload 2.0, simple response."""
    headers = event.get("headers") or {}
    claims = loop.run(authorize(identity, headers.get("authorization", "")))
    logger.info("authorized" if claims else "refused", trigger="authorizer")
    if claims is None:
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": to_context(claims)}
