"""Signing in to the internal frontend of the development stack: what answers on AWS, in this process, at the
emulator's own sign-in page.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from threading import Lock

from thestack.adapters.aws.clock import SystemClock
from thestack.definition import names
from thestack.local.description import LocalStack
from thestack.operations.aws import telling
from thestack.runtime.sign_in import Answer, Asked, SignIn
from thestack.runtime.signed_values import Key, SignedValues

_NAME = "local-internal"


class LocalSignIn:
    """Made when it is asked for first, and anew where the emulator is another: most who run the stack never
    open the internal pages.
    """

    def __init__(self, stack: Callable[[], LocalStack]) -> None:
        self._stack, self._lock = stack, Lock()
        self._signed = SignedValues([Key("local", secrets.token_urlsafe(32))])
        self._made: dict[tuple[str, str], SignIn] = {}

    def answer(self, path: str, host: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Answer a GET below `/auth`. Raises `OperationError` where the emulator does not answer."""
        stack = self._stack()
        with self._lock:
            key = (stack.user_pool, host)
            if key not in self._made:
                self._made[key] = self._for(stack, host)
        asked = Asked(path, host, query, _cookies(headers.get("cookie", "")), headers)
        return asyncio.run(self._made[key].answer(asked))

    def _for(self, stack: LocalStack, host: str) -> SignIn:
        from thestack.adapters.aws.authorization import CognitoAuthorization

        cognito, origin = stack.client("cognito-idp"), f"http://{host}"
        with telling("cannot make the internal frontend known to the local Cognito"):
            made = cognito.create_user_pool_client(
                UserPoolId=stack.user_pool,
                ClientName=_NAME,
                GenerateSecret=True,
                AllowedOAuthFlowsUserPoolClient=True,
                AllowedOAuthFlows=["code"],
                AllowedOAuthScopes=list(names.SIGN_IN_SCOPES),
                CallbackURLs=[f"{origin}/auth/callback"],
                LogoutURLs=[f"{origin}/auth/signed-out"],
                SupportedIdentityProviders=["COGNITO"],
            )["UserPoolClient"]
        server = CognitoAuthorization(
            cognito,
            stack.endpoint,
            client_id=made["ClientId"],
            client_secret=made["ClientSecret"],
            issuer=f"https://cognito-idp.{stack.aws.region}.amazonaws.com/{stack.user_pool}",
            jwks_url=f"{stack.endpoint}/{stack.user_pool}/.well-known/jwks.json",
            scopes=names.SIGN_IN_SCOPES,
        )
        return SignIn(server, lambda: self._signed, SystemClock(), group=names.STAFF, scheme="http")


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
