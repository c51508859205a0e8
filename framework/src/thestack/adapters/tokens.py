"""What makes an access token worth believing: one verification for every adapter of Identity."""

import asyncio
import time
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Protocol

import jwt

from thestack.ports.identity import Claims, InvalidToken

ACCESS, ID = "access", "id"
ALGORITHM = "RS256"
LEEWAY = 5
LONGEST_TOKEN = 16 * 1024
REQUIRED = ["exp", "iss", "sub", "token_use"]


class KeysUnavailable(Exception):
    """The provider's keys could not be fetched: the world failed, and the token may well be good."""


class KeySource(Protocol):
    """Where the provider's public keys come from."""

    async def key(self, kid: str) -> Any | None:
        """The key of this id, or None if the provider has none such. Raises `KeysUnavailable`."""
        ...


class TokenVerifier:
    """Verifies tokens in the shape that Cognito gives them, of one issuer.

    Access tokens are believed that were issued to one of `client_ids`, or to a client that was granted the
    scope `scope`: that is how a client is let in that is made after whoever verifies. Where a `tenant` is
    named, nobody else's access tokens are.
    """

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str,
        client_ids: Collection[str],
        scope: str | None = None,
        tenant: str | None = None,
    ) -> None:
        self._keys, self._issuer, self._tenant = keys, issuer, tenant
        self._client_ids, self._scope = frozenset(client_ids), scope

    async def verify(self, token: str) -> Claims:
        """The claims of an access token. Raises `InvalidToken`; `KeysUnavailable` where nothing can be said
        of it.
        """
        claims = await self._verified(token, ACCESS)
        subject, tenant, client = claims["sub"], claims.get("tenant"), claims.get("client_id")
        if not isinstance(client, str) or not self._lets_in(client, claims):
            raise InvalidToken("a token of another client")
        if not isinstance(tenant, str) or not tenant:
            raise InvalidToken("a token without tenant")
        if self._tenant not in {None, tenant}:
            raise InvalidToken("a token of another tenant")
        return Claims(
            subject=subject,
            tenant=tenant,
            groups=_groups(claims),
            client=client,
            expires=datetime.fromtimestamp(claims["exp"], UTC),
        )

    async def verify_id(self, token: str, *, nonce: str | None) -> tuple[str, frozenset[str]]:
        """The subject and the groups of an ID token that was issued to one of the clients for this `nonce`;
        None is for those that a refresh token gave. Raises as `verify` does.
        """
        claims = await self._verified(token, ID)
        if claims.get("aud") not in self._client_ids:
            raise InvalidToken("an ID token for another client")
        if nonce is not None and claims.get("nonce") != nonce:
            raise InvalidToken("an ID token for another sign-in")
        return claims["sub"], _groups(claims)

    def _lets_in(self, client: str, claims: dict[str, Any]) -> bool:
        granted = claims.get("scope", "")
        return client in self._client_ids or (
            self._scope is not None and isinstance(granted, str) and self._scope in granted.split()
        )

    async def _verified(self, token: str, use: str) -> dict[str, Any]:
        """Claims whose signature, issuer, expiry and use are right.

        The algorithm is ours, never the header's, so that neither `none` nor a public key taken for an HMAC
        secret gets through.
        """
        if len(token) > LONGEST_TOKEN:
            raise InvalidToken(f"a token of {len(token)} characters")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError) as wrong:
            raise InvalidToken(f"no token: {wrong}") from None
        if header.get("alg") != ALGORITHM:
            raise InvalidToken(f"signed by {header.get('alg')!r}")
        key = await self._keys.key(str(header.get("kid")))
        if key is None:
            raise InvalidToken("signed by a key that is none of the provider's")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": REQUIRED, "verify_aud": False},
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as wrong:
            raise InvalidToken(str(wrong)) from None
        if claims["token_use"] != use:
            raise InvalidToken(f"a token for {claims['token_use']!r} use")
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise InvalidToken("a token of nobody")
        return claims


def _groups(claims: dict[str, Any]) -> frozenset[str]:
    groups = claims.get("cognito:groups", [])
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise InvalidToken("a token whose groups are no list of names")
    return frozenset(groups)


class Jwks:
    """The keys that a provider publishes at `url`, kept for an hour.

    An unknown `kid` makes them be fetched again, at most every 30 seconds, or every second where the last
    fetch failed, so that forged tokens can't turn the authorizer into a load on the provider. When a fetch
    fails, keys that are known stay good: an outage of the provider's endpoint says nothing against them. Only
    a token whose key is not known then raises `KeysUnavailable`, which the client sees as a failure of ours
    and never as a refusal of its token.
    """

    KEPT = 3600.0
    REFRESH_AT_MOST_EVERY = 30.0
    RETRY_AT_MOST_EVERY = 1.0

    def __init__(self, url: str, timeout: float = 5) -> None:
        self._url = url
        self._source = jwt.PyJWKClient(url, cache_keys=False, cache_jwk_set=False, timeout=timeout)
        self._keys: dict[str, Any] = {}
        self._fetched = self._tried = float("-inf")
        self._failure = ""
        self._fetching = asyncio.Lock()

    async def key(self, kid: str) -> Any | None:
        async with self._fetching:
            if self._is_due(kid):
                await self._fetch()
        if kid not in self._keys and self._failure:
            raise KeysUnavailable(f"the keys at {self._url} can't be fetched: {self._failure}")
        return self._keys.get(kid)

    def _is_due(self, kid: str) -> bool:
        age, since_try = time.monotonic() - self._fetched, time.monotonic() - self._tried
        if kid in self._keys:
            return age > self.KEPT and since_try > self.REFRESH_AT_MOST_EVERY
        return since_try > (self.RETRY_AT_MOST_EVERY if self._failure else self.REFRESH_AT_MOST_EVERY)

    async def _fetch(self) -> None:
        try:
            keys = await asyncio.to_thread(self._source.get_signing_keys)
        except (jwt.PyJWTError, OSError, ValueError) as wrong:
            self._failure = str(wrong) or type(wrong).__name__
        else:
            self._keys = {str(key.key_id): key.key for key in keys}
            self._failure = ""
            self._fetched = time.monotonic()
        self._tried = time.monotonic()
