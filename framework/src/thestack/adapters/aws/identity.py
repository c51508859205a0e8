"""Access tokens and users of a Cognito user pool."""

from typing import Any

from thestack.adapters.aws.profiles import CognitoProfiles
from thestack.adapters.tokens import Jwks, TokenVerifier
from thestack.ports.identity import Claims, Profile


class CognitoIdentity:
    """Verifies access tokens of one user pool, for some of its app clients and for those that were granted
    `scope`; of one `tenant`, if it is named. `client` is boto3's of cognito-idp.

    `verify` raises `InvalidToken` for a token that proves nothing, and
    `thestack.adapters.tokens.KeysUnavailable` where the pool's keys can't be fetched and so nothing is known
    of the token: let that one pass, so that an outage is a 500 to be seen and not a 401 for everybody.
    """

    def __init__(
        self,
        client: Any,
        *,
        pool_id: str,
        issuer: str,
        jwks_url: str,
        client_ids: frozenset[str],
        scope: str | None = None,
        tenant: str | None = None,
    ) -> None:
        self._profiles = CognitoProfiles(client, pool_id)
        keys = Jwks(jwks_url)
        self._tokens = TokenVerifier(keys, issuer=issuer, client_ids=client_ids, scope=scope, tenant=tenant)

    async def verify(self, token: str) -> Claims:
        return await self._tokens.verify(token)

    async def profile(self, user: str) -> Profile:
        return await self._profiles.profile(user)
