# ruff: noqa: S101 - a suite of tests asserts
"""What every Identity does: above all, what it refuses."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from thestack.ports import Identity, InvalidToken, Profile, UnknownUser

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class IdentityUnderTest:
    """An identity that trusts `key`, named `kid`, and knows one user."""

    identity: Identity
    key: RSAPrivateKey
    kid: str
    issuer: str
    client: str
    user: Profile

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Those of a good access token; None takes one out."""
        now = datetime.now(UTC)
        good = {
            "sub": self.user.id,
            "iss": self.issuer,
            "client_id": self.client,
            "token_use": "access",
            "tenant": "main",
            "cognito:groups": ["staff", "auditors"],
            "iat": now,
            "exp": now + HOUR,
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def token(self, **changes: Any) -> str:
        """A token with these claims, signed as it should be."""
        return jwt.encode(self.claims(**changes), self.key, "RS256", {"kid": self.kid})

    async def refuses(self, token: str) -> None:
        """Assert that the identity does not take the token."""
        with pytest.raises(InvalidToken):
            await self.identity.verify(token)


@pytest.mark.asyncio
class IdentityConformance:
    """Inherit and give the fixture `pool`, an `IdentityUnderTest`."""

    async def test_a_good_token_says_who_it_is(self, pool: IdentityUnderTest) -> None:
        expires = datetime.now(UTC).replace(microsecond=0) + HOUR
        claims = await pool.identity.verify(pool.token(exp=expires))
        assert (claims.subject, claims.tenant, claims.client) == (pool.user.id, "main", pool.client)
        assert claims.groups == {"staff", "auditors"}
        assert claims.expires == expires

    async def test_a_token_without_groups_is_one_of_nobody_special(self, pool: IdentityUnderTest) -> None:
        claims = await pool.identity.verify(pool.token(**{"cognito:groups": None}))
        assert claims.groups == frozenset()

    async def test_no_signature(self, pool: IdentityUnderTest) -> None:
        await pool.refuses(jwt.encode(pool.claims(), "", "none", {"kid": pool.kid}))

    async def test_a_signature_cut_off(self, pool: IdentityUnderTest) -> None:
        await pool.refuses(pool.token().rpartition(".")[0] + ".")

    @pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
    async def test_the_public_key_taken_for_a_secret(
        self, pool: IdentityUnderTest, encoding: Encoding
    ) -> None:
        public = pool.key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
        await pool.refuses(hs256(pool.claims(), pool.kid, public))

    async def test_a_key_of_somebody_else_under_a_good_name(self, pool: IdentityUnderTest) -> None:
        await pool.refuses(jwt.encode(pool.claims(), another_key(), "RS256", {"kid": pool.kid}))

    async def test_an_unknown_key(self, pool: IdentityUnderTest) -> None:
        await pool.refuses(jwt.encode(pool.claims(), another_key(), "RS256", {"kid": "unknown"}))

    async def test_no_key_named(self, pool: IdentityUnderTest) -> None:
        await pool.refuses(jwt.encode(pool.claims(), pool.key, "RS256"))

    async def test_another_algorithm_with_the_right_key(self, pool: IdentityUnderTest) -> None:
        await pool.refuses(jwt.encode(pool.claims(), pool.key, "RS512", {"kid": pool.kid}))

    async def test_claims_changed_after_signing(self, pool: IdentityUnderTest) -> None:
        header, _, signature = pool.token().split(".")
        await pool.refuses(
            f"{header}.{part(json.loads(claims_text(pool.claims(sub='mallory'))))}.{signature}"
        )

    async def test_an_expired_token(self, pool: IdentityUnderTest) -> None:
        await pool.refuses(pool.token(exp=datetime.now(UTC) - timedelta(minutes=1)))

    @pytest.mark.parametrize(
        ("claim", "value"),
        [
            ("iss", "https://identity.invalid/another"),
            ("token_use", "id"),
            ("client_id", "another"),
            ("tenant", ""),
            ("tenant", ["main"]),
            ("client_id", ["web"]),
            ("sub", ""),
            ("cognito:groups", "staff"),
            ("cognito:groups", [1]),
            ("nbf", datetime(2999, 1, 1, tzinfo=UTC)),
        ],
    )
    async def test_a_token_for_something_else(self, pool: IdentityUnderTest, claim: str, value: Any) -> None:
        await pool.refuses(pool.token(**{claim: value}))

    @pytest.mark.parametrize("claim", ["exp", "iss", "sub", "client_id", "token_use", "tenant"])
    async def test_a_claim_left_out(self, pool: IdentityUnderTest, claim: str) -> None:
        await pool.refuses(pool.token(**{claim: None}))

    @pytest.mark.parametrize(
        "text",
        ["", ".", "..", "a.b.c", "é.é.é", "\ud800", "\x00", "x" * 1_000_000, "null"],
        ids=["empty", "dot", "dots", "letters", "accents", "surrogate", "nul", "long", "null"],
    )
    async def test_what_is_no_token_at_all(self, pool: IdentityUnderTest, text: str) -> None:
        await pool.refuses(text)

    @pytest.mark.parametrize(
        "header", ["[" * 5000, "null", "[]", '"x"', '{"alg":["RS256"],"kid":{}}', '{"alg":"RS256"}']
    )
    async def test_a_header_made_to_confuse(self, pool: IdentityUnderTest, header: str) -> None:
        _, payload, signature = pool.token().split(".")
        await pool.refuses(f"{raw(header.encode())}.{payload}.{signature}")

    async def test_a_known_user_has_a_profile(self, pool: IdentityUnderTest) -> None:
        assert await pool.identity.profile(pool.user.id) == pool.user

    async def test_an_unknown_user_is_said_to_be_one(self, pool: IdentityUnderTest) -> None:
        with pytest.raises(UnknownUser):
            await pool.identity.profile("nobody-of-this-name")


def another_key() -> RSAPrivateKey:
    """A key that no provider of ours has."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def hs256(claims: dict[str, Any], kid: str, secret: bytes) -> str:
    """A token signed by HMAC. By hand: PyJWT refuses to take a public key for a secret."""
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{raw(claims_text(claims).encode())}"
    mac = HMAC(secret, hashes.SHA256())
    mac.update(signed.encode())
    return f"{signed}.{raw(mac.finalize())}"


def claims_text(claims: dict[str, Any]) -> str:
    """Claims as JSON, moments as seconds."""
    return json.dumps(claims, default=lambda moment: int(moment.timestamp()))


def part(content: Any) -> str:
    """A JSON value as a part of a token."""
    return raw(json.dumps(content).encode())


def raw(content: bytes) -> str:
    """Bytes as a part of a token."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
