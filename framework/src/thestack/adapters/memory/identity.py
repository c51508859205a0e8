"""An identity provider in memory, with keys of its own."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from thestack.adapters.tokens import ACCESS, ALGORITHM, TokenVerifier
from thestack.ports.identity import Claims, Profile, UnknownUser

DAY = timedelta(days=1)


class MemoryIdentity:
    """Issues access tokens and verifies them as the real provider's are verified.

    Example:
        >>> identity = MemoryIdentity(Profile("alice", "alice@example.org"))
        >>> token = identity.issue("alice", groups={"staff"})
    """

    kid = "memory"

    def __init__(
        self, *profiles: Profile, issuer: str = "https://identity.invalid/pool", client: str = "web"
    ) -> None:
        self.private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.issuer, self.client = issuer, client
        self._profiles = {each.id: each for each in profiles}
        self._tokens = TokenVerifier(self, issuer=issuer, client_ids={client})

    async def key(self, kid: str) -> Any | None:
        return self.private_key.public_key() if kid == self.kid else None

    async def verify(self, token: str) -> Claims:
        return await self._tokens.verify(token)

    async def profile(self, user: str) -> Profile:
        try:
            return self._profiles[user]
        except KeyError:
            raise UnknownUser(f"there is no user {user}") from None

    def issue(
        self,
        subject: str,
        *,
        tenant: str = "main",
        groups: Collection[str] = (),
        lasts: timedelta = DAY,
        extra: Mapping[str, Any] | None = None,
    ) -> str:
        """A signed access token; `extra` claims override the usual ones, for one that is to be refused."""
        now = datetime.now(UTC)
        claims = {
            "iss": self.issuer,
            "sub": subject,
            "client_id": self.client,
            "token_use": ACCESS,
            "tenant": tenant,
            "cognito:groups": sorted(groups),
            "iat": now,
            "exp": now + lasts,
            **(extra or {}),
        }
        return jwt.encode(claims, self.private_key, ALGORITHM, {"kid": self.kid})
