"""What answers below `/auth` of the internal site: a function URL that CloudFront alone may call."""

import asyncio
import json
import os
import time
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from thestack.adapters.aws.authorization import CognitoAuthorization
from thestack.adapters.aws.clock import SystemClock
from thestack.definition import names
from thestack.entry.telemetry import WENT_WELL, Telemetry
from thestack.entry.wiring import client
from thestack.ports.authorization import AuthorizationUnavailable
from thestack.runtime.sign_in import Asked, SignIn
from thestack.runtime.signed_values import Key, SignedValues

KEPT = 1.0
"""Seconds for which the keys are kept: one request reads them once, and a change of them is heard of."""
HOST = "x-forwarded-host"
"""The header in which CloudFront's function says which host was asked, whatever the browser sent in it."""

telemetry = Telemetry("http", service="sign-in")
ssm, cognito = client("ssm"), client("cognito-idp")
loop = asyncio.Runner()


class Keys:
    """The keys that cookies are signed with, of a parameter of SSM."""

    def __init__(self, parameter: str) -> None:
        self._parameter, self._until = parameter, float("-inf")

    def signed(self) -> SignedValues:
        """What signs with the keys of the moment. Raises `AuthorizationUnavailable` where there are none."""
        if time.monotonic() > self._until:
            try:
                said = json.loads(_parameter(self._parameter))
            except ssm.exceptions.ParameterNotFound:
                raise AuthorizationUnavailable(
                    f"there are no keys in {self._parameter}; make them with `thestack publish internal`"
                ) from None
            self._signed = SignedValues([Key(each["id"], each["secret"]) for each in said])
            self._until = time.monotonic() + KEPT
        return self._signed


def _parameter(name: str) -> str:
    return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


def _server() -> CognitoAuthorization:
    # The client is made after this function, with the address by which the browser reaches it.
    client_id = _parameter(os.environ["THESTACK_CLIENT"])
    asked = {"UserPoolId": os.environ["THESTACK_USER_POOL"], "ClientId": client_id}
    return CognitoAuthorization(
        cognito,
        os.environ["THESTACK_AUTHORIZATION"],
        client_id=client_id,
        client_secret=cognito.describe_user_pool_client(**asked)["UserPoolClient"]["ClientSecret"],
        issuer=os.environ["THESTACK_ISSUER"],
        jwks_url=os.environ["THESTACK_JWKS_URL"],
        scopes=names.SIGN_IN_SCOPES,
    )


def _cookies(pairs: list[str]) -> dict[str, str]:
    """The cookies by name. An emulator leaves them in their header."""
    return dict(each.split("=", 1) for each in pairs if "=" in each)


@cache
def _sign_in() -> SignIn:
    keys = Keys(os.environ["THESTACK_SESSIONS"])
    return SignIn(_server(), keys.signed, SystemClock(), group=names.STAFF)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A function URL's request, payload 2.0."""
    began = time.perf_counter()
    if "requestContext" not in event:  # a call that only starts the function
        telemetry.logger.info("started")
        return {"statusCode": 200}
    headers = event.get("headers") or {}
    asked = Asked(
        path=event["rawPath"],
        host=headers.get(HOST, ""),
        query=dict(parse_qsl(event.get("rawQueryString", ""))),
        cookies=_cookies(event.get("cookies") or headers.get("cookie", "").split("; ")),
        headers=headers,
    )
    answer = loop.run(_sign_in().answer(asked))
    outcome = WENT_WELL if answer.status < HTTPStatus.BAD_REQUEST else "refused"
    telemetry.tell(outcome, began, operation=asked.path, status=int(answer.status), why=answer.why)
    return {
        "statusCode": int(answer.status),
        "headers": dict(answer.headers),
        "cookies": list(answer.cookies),
        "body": answer.body,
    }
