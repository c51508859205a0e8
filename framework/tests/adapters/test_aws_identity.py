"""Tokens of an emulated Cognito, and forged ones, at the adapter of Identity."""

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from framework.tests.adapters.emulator import Emulator
from framework.tests.adapters.endpoint import Endpoint, Reply, Then, serve
from thestack.adapters.aws.identity import CognitoIdentity
from thestack.adapters.memory.identity import MemoryIdentity
from thestack.adapters.tokens import Jwks, KeysUnavailable
from thestack.entry import pre_token as pre_token_entry
from thestack.ports import InvalidToken, Profile
from thestack.testing.conformance import (
    IdentityConformance,
    IdentityUnderTest,
)
from thestack.testing.conformance.identity import hs256

pytestmark = pytest.mark.aws
PASSWORD = "Correct-horse-battery-1"


class Pool:
    """A user pool whose tokens carry a tenant, with a client and a signed-up user."""

    def __init__(self, emulator: Emulator, pre_token: str) -> None:
        self.cognito = emulator.client("cognito-idp")
        pool = self.cognito.create_user_pool(
            PoolName=f"users-{uuid4()}",
            UsernameAttributes=["email"],
            UserPoolTier="ESSENTIALS",
            Schema=[{"Name": "tenant", "AttributeDataType": "String", "Mutable": True}],
            LambdaConfig={"PreTokenGenerationConfig": {"LambdaArn": pre_token, "LambdaVersion": "V2_0"}},
        )
        self.id: str = pool["UserPool"]["Id"]
        self.issuer = f"https://cognito-idp.{emulator.aws.region}.amazonaws.com/{self.id}"
        self.jwks_url = f"{emulator.endpoint}/{self.id}/.well-known/jwks.json"
        self.client, self.other_client = self.add_client(), self.add_client()
        self.user = self.add_user("alice@example.org")

    def add_client(self) -> str:
        flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        answer = self.cognito.create_user_pool_client(
            UserPoolId=self.id, ClientName=f"client-{uuid4()}", ExplicitAuthFlows=flows
        )
        return str(answer["UserPoolClient"]["ClientId"])

    def add_user(self, email: str) -> Profile:
        attributes = {"email": email, "email_verified": "true", "custom:tenant": "acme"}
        answer = self.cognito.admin_create_user(
            UserPoolId=self.id,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        self.cognito.admin_set_user_password(
            UserPoolId=self.id, Username=email, Password=PASSWORD, Permanent=True
        )
        self.cognito.create_group(UserPoolId=self.id, GroupName="staff")
        self.cognito.admin_add_user_to_group(UserPoolId=self.id, Username=email, GroupName="staff")
        found = {each["Name"]: each["Value"] for each in answer["User"]["Attributes"]}
        return Profile(found["sub"], email)

    def sign_in(self, client: str | None = None) -> dict[str, str]:
        """The user's tokens."""
        # Not InitiateAuth: it is not signed, and so does not say whose account it means.
        answer = self.cognito.admin_initiate_auth(
            UserPoolId=self.id,
            ClientId=client or self.client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.user.email, "PASSWORD": PASSWORD},
        )
        return dict(answer["AuthenticationResult"])

    def identity(self, jwks_url: str | None = None) -> CognitoIdentity:
        return CognitoIdentity(
            self.cognito,
            pool_id=self.id,
            issuer=self.issuer,
            jwks_url=jwks_url or self.jwks_url,
            client_ids=frozenset({self.client}),
        )


@pytest.fixture(scope="module")
def pre_token(emulator: Emulator) -> str:
    """The function that adds the tenant, as the infrastructure deploys it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("pre_token.py", Path(pre_token_entry.__file__).read_text())
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = emulator.client("iam").create_role(
        RoleName=f"pre-token-{uuid4()}",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusted]}),
    )
    function = emulator.client("lambda").create_function(
        FunctionName=f"pre-token-{uuid4()}",
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="pre_token.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return str(function["FunctionArn"])


@pytest.fixture(scope="module")
def users(emulator: Emulator, pre_token: str) -> Pool:
    return Pool(emulator, pre_token)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def published(key: rsa.RSAPrivateKey) -> Iterator[str]:
    """Where the pool's keys are, as the test has it."""
    public: dict[str, Any] = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    with serve() as endpoint:
        endpoint.always(Reply(200, {"keys": [{**public, "kid": "ours", "use": "sig", "alg": "RS256"}]}))
        yield endpoint.url


class TestCognitoIdentity(IdentityConformance):
    """With keys that the test has, so that it can forge what no pool would issue."""

    @pytest.fixture
    def pool(self, users: Pool, key: rsa.RSAPrivateKey, published: str) -> IdentityUnderTest:
        identity = users.identity(published)
        return IdentityUnderTest(identity, key, "ours", users.issuer, users.client, users.user)


class TestCognitoTokens:
    """With tokens that the pool really issued."""

    async def test_an_access_token_says_who_it_is(self, users: Pool) -> None:
        claims = await users.identity().verify(users.sign_in()["AccessToken"])
        assert (claims.subject, claims.tenant, claims.client) == (users.user.id, "acme", users.client)
        assert claims.groups == {"staff"}
        assert claims.expires > datetime.now(UTC)

    async def test_an_id_token_is_none(self, users: Pool) -> None:
        await is_refused(users.identity(), users.sign_in()["IdToken"])

    async def test_a_refresh_token_is_none(self, users: Pool) -> None:
        await is_refused(users.identity(), users.sign_in()["RefreshToken"])

    async def test_another_client_of_the_pool_is_refused(self, users: Pool) -> None:
        await is_refused(users.identity(), users.sign_in(users.other_client)["AccessToken"])

    async def test_another_pool_is_refused(self, emulator: Emulator, users: Pool, pre_token: str) -> None:
        await is_refused(users.identity(), Pool(emulator, pre_token).sign_in()["AccessToken"])

    async def test_the_published_key_is_no_secret(self, users: Pool) -> None:
        token = users.sign_in()["AccessToken"]
        kid = jwt.get_unverified_header(token)["kid"]
        key = jwt.PyJWKClient(users.jwks_url).get_signing_key(kid).key
        public = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        claims = jwt.decode(token, options={"verify_signature": False})
        await is_refused(users.identity(), hs256(claims, kid, public))


async def is_refused(identity: CognitoIdentity, token: str) -> None:
    with pytest.raises(InvalidToken):
        await identity.verify(token)


class TestKeys:
    """Where the provider's keys come from, and what happens when they don't."""

    @pytest.fixture
    def provider(self) -> Iterator[Endpoint]:
        with serve() as endpoint:
            yield endpoint

    async def test_they_are_fetched_once(self, users: Pool, provider: Endpoint) -> None:
        issuer = MemoryIdentity(issuer=users.issuer, client=users.client)
        provider.always(Reply(200, jwks_of(issuer)))
        identity = users.identity(provider.url)
        await asyncio.gather(*(identity.verify(issuer.issue("u-1")) for _ in range(20)))
        assert len(provider.asked) == 1

    async def test_forged_tokens_do_not_make_them_be_fetched(self, users: Pool, provider: Endpoint) -> None:
        issuer = MemoryIdentity(issuer=users.issuer, client=users.client)
        provider.always(Reply(200, jwks_of(issuer)))
        identity = users.identity(provider.url)
        for number in range(20):
            header = {"kid": f"unknown-{number}"}
            await is_refused(identity, jwt.encode({}, issuer.private_key, "RS256", header))
        assert len(provider.asked) == 1

    @pytest.mark.parametrize(
        "answer", [Reply(503, {}), Reply(200, {}), Reply(200, {"keys": []}), Then.HANG_UP], ids=str
    )
    async def test_an_outage_says_nothing_against_a_token(
        self, users: Pool, provider: Endpoint, answer: Reply | Then
    ) -> None:
        provider.always(answer)
        with pytest.raises(KeysUnavailable, match=provider.url):
            await users.identity(provider.url).verify(users.sign_in()["AccessToken"])

    async def test_known_keys_stay_good_through_an_outage(self, users: Pool, provider: Endpoint) -> None:
        issuer = MemoryIdentity(issuer=users.issuer, client=users.client)
        provider.at_first(Reply(200, jwks_of(issuer)), Reply(503, {}))
        jwks = Jwks(provider.url)
        jwks.KEPT = jwks.REFRESH_AT_MOST_EVERY = 0
        assert await jwks.key(issuer.kid)
        assert await jwks.key(issuer.kid)
        assert len(provider.asked) == 2


def jwks_of(issuer: MemoryIdentity) -> dict[str, Any]:
    public: dict[str, Any] = RSAAlgorithm.to_jwk(issuer.private_key.public_key(), as_dict=True)
    return {"keys": [{**public, "kid": issuer.kid, "use": "sig", "alg": "RS256"}]}
