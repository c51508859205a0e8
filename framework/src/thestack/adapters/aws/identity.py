"""Access tokens of a Cognito user pool."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import jwt

from thestack.adapters.aws.profiles import CognitoProfiles
from thestack.ports.identity import Claims, InvalidToken, Profile

KEYS_KEPT = 3600.0
REFRESH_AT_MOST_EVERY = 30.0
LEEWAY = 5
ACCESS = "access"


class CognitoIdentity:
    """Verifies access tokens of one user pool, for some of its app clients.

    The pool's keys are fetched from `jwks_url` and kept for an hour; a token with an unknown `kid` makes them
    be fetched again, at
    most every 30 seconds, so that forged tokens can't turn the authorizer into a load on the pool.
    """

    def __init__(
        self, client: Any, *, pool_id: str, issuer: str, jwks_url: str, client_ids: frozenset[str]
    ) -> None:
        self._profiles = CognitoProfiles(client, pool_id)
        self._issuer, self._client_ids = issuer, client_ids
        self._source = jwt.PyJWKClient(jwks_url, cache_keys=False, cache_jwk_set=False, timeout=5)
        self._keys: dict[str, Any] = {}
        self._fetched = float("-inf")

    async def verify(self, token: str) -> Claims:
        try:
            key = await self._key(str(jwt.get_unverified_header(token).get("kid")))
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "sub", "client_id", "token_use"], "verify_aud": False},
            )
        except jwt.PyJWTError as wrong:
            raise InvalidToken(str(wrong)) from None
        if claims["token_use"] != ACCESS:
            raise InvalidToken(f"a token for {claims['token_use']} use")
        if claims["client_id"] not in self._client_ids:
            raise InvalidToken("a token of another client")
        if not claims.get("tenant"):
            raise InvalidToken("a token without tenant")
        return Claims(
            subject=claims["sub"],
            tenant=claims["tenant"],
            groups=frozenset(claims.get("cognito:groups", ())),
            client=claims["client_id"],
            expires=datetime.fromtimestamp(claims["exp"], UTC),
        )

    async def profile(self, user: str) -> Profile:
        return await self._profiles.profile(user)

    async def _key(self, kid: str) -> Any:
        age = time.monotonic() - self._fetched
        if age > KEYS_KEPT or (kid not in self._keys and age > REFRESH_AT_MOST_EVERY):
            keys = await asyncio.to_thread(self._source.get_signing_keys)
            self._keys = {str(key.key_id): key.key for key in keys}
            self._fetched = time.monotonic()
        if kid not in self._keys:
            raise InvalidToken("signed by a key that is none of the pool's")
        return self._keys[kid]
