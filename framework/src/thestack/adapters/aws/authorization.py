"""Cognito's authorization server: the endpoints of a user pool's domain, and its API for what came of it."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

from botocore.exceptions import BotoCoreError

from thestack.adapters.tokens import Jwks, KeysUnavailable, TokenVerifier
from thestack.ports.authorization import AuthorizationUnavailable, Granted, Refused
from thestack.ports.identity import InvalidToken

TIMEOUT = 5
"""Seconds that it may take to answer."""
_LARGEST = 64 * 1024
_REFUSALS = frozenset(
    {
        "NotAuthorizedException",
        "RefreshTokenReuseException",
        "UnauthorizedException",
        "UnsupportedTokenTypeException",
        "UserNotFoundException",
    }
)
"""What Cognito calls a token that is worth nothing."""


class CognitoAuthorization:
    """One confidential client of a user pool.

    `cognito` is boto3's client of cognito-idp; `url` is the domain's, without a slash at its end. `scopes`
    are those that are asked for; "openid" makes that there is an ID token.
    """

    def __init__(
        self,
        cognito: Any,
        url: str,
        *,
        client_id: str,
        client_secret: str,
        issuer: str,
        jwks_url: str,
        scopes: tuple[str, ...],
    ) -> None:
        self._cognito, self._url, self._scopes = cognito, url, scopes
        self._client_id, self._client = client_id, {"ClientId": client_id, "ClientSecret": client_secret}
        secret = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._authorization = f"Basic {b64encode(secret.encode()).decode()}"
        self._tokens = TokenVerifier(Jwks(jwks_url), issuer=issuer, client_ids={client_id})
        self._opener = build_opener(ProxyHandler({}))

    def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._url}/oauth2/authorize?{urlencode(asked)}"

    def sign_out_url(self, return_to: str) -> str:
        asked = {"client_id": self._client_id, "logout_uri": return_to}
        return f"{self._url}/logout?{urlencode(asked)}"

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str, nonce: str) -> Granted:
        form = {
            "grant_type": "authorization_code",
            "client_id": self._client_id,
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        said = await asyncio.to_thread(self._post, f"{self._url}/oauth2/token", form)
        return await self._granted(
            said.get("id_token"),
            nonce,
            access_token=str(said["access_token"]),
            refresh_token=said.get("refresh_token"),
            expires_in=int(said["expires_in"]),
        )

    async def renew(self, refresh_token: str) -> Granted:
        renew = self._cognito.get_tokens_from_refresh_token
        answer = await self._call(renew, RefreshToken=refresh_token)
        said = answer["AuthenticationResult"]
        return await self._granted(
            said.get("IdToken"),
            None,
            access_token=str(said["AccessToken"]),
            refresh_token=said.get("RefreshToken"),
            expires_in=int(said["ExpiresIn"]),
        )

    async def revoke(self, refresh_token: str) -> None:
        try:
            await self._call(self._cognito.revoke_token, Token=refresh_token)
        except Refused:
            return  # it is worth nothing already

    async def _granted(self, id_token: str | None, nonce: str | None, **further: Any) -> Granted:
        try:
            subject, groups = await self._tokens.verify_id(id_token or "", nonce=nonce)
        except InvalidToken as wrong:
            raise Refused(f"the ID token is not to be believed: {wrong}") from None
        except KeysUnavailable as wrong:
            raise AuthorizationUnavailable(str(wrong)) from None
        return Granted(subject=subject, groups=groups, **further)

    async def _call(self, operation: Callable[..., dict[str, Any]], **arguments: str) -> dict[str, Any]:
        try:
            return await asyncio.to_thread(operation, **arguments, **self._client)
        except self._cognito.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _REFUSALS:
                raise Refused(f"Cognito answers {code}") from None
            raise AuthorizationUnavailable(f"Cognito answers {code}") from None
        except BotoCoreError as error:
            raise AuthorizationUnavailable(f"Cognito does not answer: {error}") from None

    def _post(self, url: str, form: Mapping[str, str]) -> dict[str, Any]:
        body = urlencode(form).encode()
        headers = {
            "authorization": self._authorization,
            "content-type": "application/x-www-form-urlencoded",
        }
        asked = Request(url, body, headers, method="POST")  # noqa: S310 - Cognito's own, from our settings
        try:
            with self._opener.open(asked, timeout=TIMEOUT) as response:
                said = response.read(_LARGEST)
        except HTTPError as refused:
            with refused:
                if refused.code in {400, 401}:
                    raise Refused(f"{url} answers {refused.code}: {_error(refused.read(_LARGEST))}") from None
            raise AuthorizationUnavailable(f"{url} answers {refused.code}") from None
        except (URLError, OSError) as wrong:
            raise AuthorizationUnavailable(f"{url} does not answer: {wrong}") from None
        answer: dict[str, Any] = json.loads(said)
        return answer


def _error(said: bytes) -> str:
    """OAuth's code of an error, which holds no secret."""
    try:
        return str(json.loads(said)["error"])
    except (ValueError, KeyError, TypeError):
        return "no reason given"
