"""The adapters of AWS keep the promises of their ports, against an emulated one."""

import asyncio
import io
import json
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import jwt
import pytest
from aiobotocore.session import get_session
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from framework.tests.adapters.emulator import Emulator
from framework.tests.adapters.endpoint import Endpoint, Reply, Then, serve
from thestack.adapters.aws.bus import EventBridgeBus
from thestack.adapters.aws.clock import SystemClock
from thestack.adapters.aws.deliveries import SqsDeliveries
from thestack.adapters.aws.identity import CognitoIdentity
from thestack.adapters.aws.mailer import SesMailer
from thestack.adapters.aws.queue import SqsQueue
from thestack.adapters.aws.store import DynamoStore
from thestack.adapters.memory.identity import MemoryIdentity
from thestack.adapters.tokens import Jwks, KeysUnavailable
from thestack.entry import pre_token as pre_token_entry
from thestack.ports import Delivery, Envelope, InvalidToken, Mail, Profile, Refusal
from thestack.testing.conformance import (
    INDEXES,
    BusConformance,
    ClockConformance,
    DeliveriesConformance,
    IdentityConformance,
    IdentityUnderTest,
    MailerConformance,
    QueueConformance,
    StoreAgreement,
    StoreConformance,
)
from thestack.testing.conformance.identity import hs256

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("aws")]
ADDRESS = "notifications/email"
SENDER = "todo@example.org"
PASSWORD = "Correct-horse-battery-1"
WITHIN = 10.0
T = TypeVar("T")


async def until(read: Callable[[], T], enough: Callable[[T], bool], within: float = WITHIN) -> T:
    """What a read answers once that is enough, or when the time is over."""
    deadline = time.monotonic() + within
    while not enough(found := await asyncio.to_thread(read)) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    return found


# Store


@pytest.fixture(scope="module")
def table(emulator: Emulator) -> str:
    name = f"things-{uuid4()}"
    keys = ["pk", "sk", *(f"{index}:{part}" for index in INDEXES for part in ("pk", "sk"))]
    emulator.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=schema("pk", "sk"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": schema(f"{index}:pk", f"{index}:sk"),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in INDEXES
        ],
    )
    return name


def schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


@pytest.fixture(scope="module")
def dynamo_store(emulator: Emulator, table: str) -> DynamoStore:
    return DynamoStore(emulator.client("dynamodb"), table)


class TestDynamoStore(StoreConformance):
    @pytest.fixture
    def store(self, dynamo_store: DynamoStore) -> DynamoStore:
        return dynamo_store


class TestDynamoStoreAgreement(StoreAgreement):
    @pytest.fixture
    def store(self, dynamo_store: DynamoStore) -> DynamoStore:
        return dynamo_store


# Bus and queue


class Inbox:
    """An SQS queue that keeps what came out of it."""

    def __init__(self, emulator: Emulator, name: str, **attributes: str) -> None:
        self._client = emulator.client("sqs")
        self.url: str = self._client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{emulator.aws.region}:{emulator.account}:{name}"
        self._came: list[dict[str, Any]] = []

    def send(self, body: str) -> None:
        self._client.send_message(QueueUrl=self.url, MessageBody=body)

    def receive(self) -> list[dict[str, Any]]:
        """What is there now, and stays where it is."""
        answer = self._client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["ApproximateReceiveCount"],
        )
        return list(answer.get("Messages", []))

    async def take(self, ids: Collection[str]) -> list[Envelope]:
        """The envelopes with these ids, once all are there."""

        def read() -> list[Envelope]:
            for message in self.receive():
                self._came.append(message)
                self._client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            envelopes = [Envelope.from_json(message["Body"]) for message in self._came]
            return [each for each in envelopes if each.id in ids]

        return await until(read, lambda found: {each.id for each in found} == set(ids))


class BusWire:
    """An EventBridge bus with a rule that hears everything."""

    def __init__(self, emulator: Emulator) -> None:
        name = f"bus-{uuid4()}"
        events = emulator.client("events")
        events.create_event_bus(Name=name)
        self._inbox = Inbox(emulator, f"{name}-heard")
        events.put_rule(Name="all", EventBusName=name, EventPattern=json.dumps({"source": [{"prefix": ""}]}))
        target = {"Id": "heard", "Arn": self._inbox.arn, "InputPath": "$.detail"}
        events.put_targets(Rule="all", EventBusName=name, Targets=[target])
        self.bus = EventBridgeBus(get_session(), name, **emulator.options)

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        return await self._inbox.take(ids)

    def refused(self, envelope: Envelope) -> Envelope:
        return replace(envelope, source="aws.todo")  # sources that begin like this are for AWS itself


class TestEventBridgeBus(BusConformance):
    @pytest.fixture
    async def wire(self, emulator: Emulator) -> AsyncIterator[BusWire]:
        wire = BusWire(emulator)
        yield wire
        await wire.bus.close()


class QueueWire:
    """An SQS queue."""

    address = ADDRESS

    def __init__(self, emulator: Emulator) -> None:
        self._inbox = Inbox(emulator, f"queue-{uuid4()}")
        missing = f"{emulator.endpoint}/{emulator.account}/nowhere"
        urls = {ADDRESS: self._inbox.url}
        self.queue = SqsQueue(get_session(), lambda address: urls.get(address, missing), **emulator.options)

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        return await self._inbox.take(ids)


class TestSqsQueue(QueueConformance):
    @pytest.fixture
    async def wire(self, emulator: Emulator) -> AsyncIterator[QueueWire]:
        wire = QueueWire(emulator)
        yield wire
        await wire.queue.close()


class DeliveriesWire:
    """An SQS queue with a DLQ."""

    def __init__(self, emulator: Emulator) -> None:
        name = f"deliveries-{uuid4()}"
        self._queue = Inbox(emulator, name, VisibilityTimeout="300")
        self._dead = Inbox(emulator, f"{name}-dlq")
        self.deliveries = SqsDeliveries(emulator.client("sqs"), self._queue.url, self._dead.url)

    async def deliver(self, body: str) -> Delivery:
        self._queue.send(body)
        delivery = await self._next(WITHIN)
        assert delivery is not None
        return delivery

    async def again(self) -> Delivery | None:
        return await self._next(1)

    async def dead(self) -> list[tuple[str, Refusal]]:
        messages = await until(self._dead.receive, bool)
        return [(message["Body"], refusal_of(message)) for message in messages]

    async def _next(self, within: float) -> Delivery | None:
        for message in await until(self._queue.receive, bool, within):
            attempt = int(message["Attributes"]["ApproximateReceiveCount"])
            return Delivery(message["MessageId"], message["Body"], attempt, message["ReceiptHandle"])
        return None


def refusal_of(message: dict[str, Any]) -> Refusal:
    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    return Refusal(said["handler"], said["cause"], said["reason"], int(said["attempts"]))


class TestSqsDeliveries(DeliveriesConformance):
    @pytest.fixture
    def wire(self, emulator: Emulator) -> DeliveriesWire:
        return DeliveriesWire(emulator)


# Mailer


class Post:
    """SES, with the mailbox that the emulator keeps."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._client = emulator.client("sesv2")
        with suppress(self._client.exceptions.AlreadyExistsException):
            self._client.create_email_identity(EmailIdentity=SENDER)
        self.mailer = SesMailer(self._client, SENDER)

    async def sent(self, to: str) -> Sequence[Mail]:
        found = self._emulator.read("/_ministack/ses/messages", account=self._emulator.account)
        mails = found["messages"].get(self._emulator.account, [])
        return [mail_of(each) for each in mails if to in each["To"]]

    def refusing(self) -> SesMailer:
        return SesMailer(self._client, "stranger@elsewhere.example")


def mail_of(message: dict[str, Any]) -> Mail:
    return Mail(message["To"][0], message["Subject"], message["BodyText"], message.get("BodyHtml") or None)


class TestSesMailer(MailerConformance):
    @pytest.fixture
    def post(self, emulator: Emulator) -> Post:
        return Post(emulator)


class TestSystemClock(ClockConformance):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()


# Identity


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
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
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
        answer = self.cognito.initiate_auth(
            ClientId=client or self.client,
            AuthFlow="USER_PASSWORD_AUTH",
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


class TestCognitoIdentity(IdentityConformance):
    """With keys that the test has, so that it can forge what no pool would issue."""

    @pytest.fixture(scope="class")
    def key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @pytest.fixture(scope="class")
    def published(self, key: rsa.RSAPrivateKey) -> Iterator[str]:
        """Where the pool's keys are, as the test has it."""
        public: dict[str, Any] = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        with serve() as endpoint:
            endpoint.always(Reply(200, {"keys": [{**public, "kid": "ours", "use": "sig", "alg": "RS256"}]}))
            yield endpoint.url

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
