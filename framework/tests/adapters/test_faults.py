"""What the AWS adapters do when AWS misbehaves: answers get lost, requests are throttled, entries refused."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from aiobotocore.session import get_session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm

from framework.tests.adapters.emulator import Emulator
from framework.tests.adapters.endpoint import Asked, Endpoint, Reply, Then, serve
from thestack.adapters.aws.bus import EventBridgeBus
from thestack.adapters.aws.identity import CognitoIdentity
from thestack.adapters.aws.mailer import SesMailer
from thestack.adapters.aws.queue import SqsQueue
from thestack.adapters.aws.store import DynamoStore
from thestack.adapters.memory.identity import MemoryIdentity
from thestack.adapters.tokens import KeysUnavailable
from thestack.ports import (
    Add,
    Contention,
    InvalidToken,
    Mail,
    MailRefused,
    MailThrottled,
    Put,
    Query,
    Row,
    RowKey,
    Stale,
    TransactionTooLarge,
)
from thestack.ports.effects import Uncertain
from thestack.testing.conformance.envelopes import envelope

# As the entry points have it, but for the wait for an answer that never comes.
CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
UNKNOWN = (BotoCoreError, ClientError)
"""What says that nothing is known of the outcome: none of the errors that the ports promise."""
UNAVAILABLE = Reply(500, {"__type": "InternalServerError", "message": "try again"})
THROTTLED = Reply(400, {"__type": "ThrottlingException", "message": "slow down"})
KEY = RowKey("main#Thing#alice", "1")


def thing(version: int = 1, **attributes: Any) -> Row:
    """The row at `KEY`."""
    return Row(KEY, "Thing", version, attributes)


def cancelled(*codes: str, message: str = "") -> Reply:
    """A transaction's refusal, with a reason for each of its items."""
    reasons = [{"Code": code, "Message": message} if code != "None" else {"Code": code} for code in codes]
    error = (
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(codes)}]"
    )
    kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    return Reply(400, {"__type": kind, "Message": error, "CancellationReasons": reasons})


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A provider of which nothing works but what the test makes it answer."""
    with serve() as endpoint:
        endpoint.always(UNAVAILABLE)
        yield endpoint


@pytest.fixture
def options(endpoint: Endpoint) -> dict[str, Any]:
    """What points a client at it."""
    return {
        "endpoint_url": endpoint.url,
        "region_name": "eu-central-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "config": CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2})),
    }


@pytest.mark.aws
@pytest.mark.xdist_group("aws")
class TestStore:
    """A table of the emulator, asked through an endpoint that fails as told."""

    @pytest.fixture
    def endpoint(self, emulator: Emulator) -> Iterator[Endpoint]:
        with serve(emulator.endpoint) as endpoint:
            yield endpoint

    @pytest.fixture
    def store(self, emulator: Emulator, endpoint: Endpoint) -> DynamoStore:
        table = f"faults-{uuid4()}"
        emulator.client("dynamodb").create_table(
            TableName=table,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        client = boto3.client("dynamodb", config=CONFIG, **{**emulator.options, "endpoint_url": endpoint.url})
        return DynamoStore(client, table)

    async def test_a_put_whose_answer_was_lost_is_not_stale(
        self, store: DynamoStore, endpoint: Endpoint
    ) -> None:
        endpoint.at_first(Then.LOSE_ANSWER)
        await store.commit([Put(thing(n=1), None)])
        endpoint.at_first(Then.LOSE_ANSWER)
        await store.commit([Put(thing(2, n=2), 1)])
        assert len(endpoint.asked) == 4
        assert await store.get([KEY]) == [thing(2, n=2)]

    async def test_an_addition_whose_answer_was_lost_counts_once(
        self, store: DynamoStore, endpoint: Endpoint
    ) -> None:
        for total in (5, 10):
            endpoint.at_first(Then.LOSE_ANSWER)
            await store.commit([Add(thing(), {"n": 5})])
            assert await store.get([KEY]) == [thing(total // 5, n=total)]

    async def test_a_transaction_whose_answer_was_lost_is_applied_once(
        self, store: DynamoStore, endpoint: Endpoint
    ) -> None:
        endpoint.at_first(Then.LOSE_ANSWER, Then.LOSE_ANSWER)
        inbox = Row(RowKey("inbox", "1"), "inbox", 1)
        await store.commit([Add(thing(), {"n": 5}), Put(inbox, None)])
        assert endpoint.operations() == ["TransactWriteItems"] * 3
        assert await store.get([KEY, inbox.key]) == [thing(n=5), inbox]

    async def test_a_write_that_another_made_is_stale_also_when_the_answer_was_lost(
        self, store: DynamoStore, endpoint: Endpoint
    ) -> None:
        """The same version and the same content, and yet not the same write."""
        await store.commit([Put(thing(n=1), None)])
        endpoint.at_first(Then.LOSE_ANSWER)
        with pytest.raises(Stale):
            await store.commit([Put(thing(n=1), None)])

    @pytest.mark.parametrize("writes", [1, 2])
    async def test_an_outage_is_no_refusal(self, store: DynamoStore, endpoint: Endpoint, writes: int) -> None:
        """Nobody may take it for a conflict: nothing is known of what was written."""
        endpoint.always(UNAVAILABLE)
        with pytest.raises(UNKNOWN):
            await store.commit([Put(Row(RowKey("p", str(n)), "Thing", 1), None) for n in range(writes)])

    @pytest.mark.parametrize("refusal", [THROTTLED, cancelled("None", "TransactionConflict")])
    async def test_a_busy_table_is_asked_again(
        self, store: DynamoStore, endpoint: Endpoint, refusal: Reply
    ) -> None:
        endpoint.at_first(*[refusal] * 4)
        await store.commit([Put(Row(RowKey("p", "1"), "Thing", 1), None), Add(thing(), {"n": 5})])
        assert await store.get([KEY]) == [thing(n=5)]

    @pytest.mark.parametrize("writes", [1, 2])
    async def test_a_table_that_stays_busy_is_contention(
        self, store: DynamoStore, endpoint: Endpoint, writes: int
    ) -> None:
        conflict = {
            "__type": "TransactionConflictException",
            "message": "Transaction is ongoing for the item",
        }
        endpoint.rule = lambda asked: (
            cancelled(*["TransactionConflict"] * writes)
            if asked.operation == "TransactWriteItems"
            else Reply(400, conflict)
        )
        began = time.monotonic()
        with pytest.raises(Contention):
            await store.commit([Put(Row(RowKey("p", str(n)), "Thing", 1), None) for n in range(writes)])
        assert 3 <= len(endpoint.asked) <= 30
        assert time.monotonic() - began < 6
        endpoint.at_first()
        assert await store.query(Query("p")) == []

    async def test_a_stale_row_is_stale_also_when_another_conflicts(
        self, store: DynamoStore, endpoint: Endpoint
    ) -> None:
        endpoint.always(cancelled("TransactionConflict", "ConditionalCheckFailed"))
        with pytest.raises(Stale) as stale:
            await store.commit([Put(thing(), None), Put(Row(RowKey("p", "1"), "Thing", 2), 1)])
        assert stale.value.rows == {RowKey("p", "1"): None}

    @pytest.mark.parametrize(
        "refusal",
        [
            Reply(
                400,
                {
                    "__type": "com.amazon.coral.validate#ValidationException",
                    "message": "Item size has exceeded the maximum allowed size",
                },
            ),
            cancelled(
                "None", "ValidationError", message="Item size to update has exceeded the maximum allowed size"
            ),
        ],
    )
    async def test_what_only_the_table_finds_too_large_is_too_large(
        self, store: DynamoStore, endpoint: Endpoint, refusal: Reply
    ) -> None:
        endpoint.always(refusal)
        with pytest.raises(TransactionTooLarge):
            await store.commit([Put(thing(), None), Add(Row(RowKey("p", "1"), "Thing", 1), {"n": 1})])
        assert len(endpoint.asked) == 1

    async def test_keys_that_were_not_read_are_asked_for_again(
        self, store: DynamoStore, endpoint: Endpoint
    ) -> None:
        """DynamoDB answers up to 16 MB of a batch, and none of it when it is throttled."""
        rows = [Row(RowKey("p", f"{number:02}"), "Thing", 1, {"n": number}) for number in range(50)]
        await store.commit([Put(row, None) for row in rows])
        turns = 0

        def seven_at_a_time(asked: Asked) -> Reply | Then:
            nonlocal turns
            ((table, wanted),) = asked.body["RequestItems"].items()
            turns += 1
            taken = [] if turns % 2 else wanted["Keys"][:7]
            items = [
                {**key, "_kind": {"S": "Thing"}, "_v": {"N": "1"}, "n": {"N": str(int(key["sk"]["S"]))}}
                for key in taken
            ]
            rest = {**wanted, "Keys": wanted["Keys"][len(taken) :]}
            return Reply(
                200, {"Responses": {table: items}, "UnprocessedKeys": {table: rest} if rest["Keys"] else {}}
            )

        endpoint.rule = seven_at_a_time
        assert await store.get([row.key for row in rows]) == rows

    async def test_keys_that_are_never_read_are_no_missing_rows(
        self, store: DynamoStore, endpoint: Endpoint
    ) -> None:
        endpoint.rule = lambda asked: Reply(
            200, {"Responses": {}, "UnprocessedKeys": asked.body["RequestItems"]}
        )
        with pytest.raises(TimeoutError, match="unread"):
            await store.get([KEY, RowKey("p", "1")])

    async def test_an_empty_page_is_not_the_end(self, store: DynamoStore, endpoint: Endpoint) -> None:
        rows = [Row(RowKey("p", f"{number}"), "Thing", 1) for number in range(3)]
        await store.commit([Put(row, None) for row in rows])
        nothing = {"Items": [], "Count": 0, "LastEvaluatedKey": {"pk": {"S": "p"}, "sk": {"S": "0"}}}
        endpoint.at_first(Reply(200, nothing))
        assert await store.query(Query("p")) == rows[1:]


class TestBus:
    """A bus that answers what EventBridge has been seen to answer."""

    @pytest.fixture
    async def publish(self, options: dict[str, Any]) -> Any:
        bus = EventBridgeBus(get_session(), "dev-bus", **options)
        yield bus.publish
        await bus.close()

    async def test_the_third_of_ten_is_refused(self, publish: Any, endpoint: Endpoint) -> None:
        """Recorded: a request that succeeds, with an entry that does not."""
        entries: list[dict[str, str]] = [{"EventId": str(number)} for number in range(10)]
        entries[2] = {"ErrorCode": "InternalFailure", "ErrorMessage": "An internal error occurred"}
        endpoint.always(Reply(200, {"FailedEntryCount": 1, "Entries": entries}))
        answers = await publish([envelope(number=number) for number in range(10)])
        assert [answer is None for answer in answers] == [number != 2 for number in range(10)]
        assert "InternalFailure" in answers[2]

    async def test_a_failed_request_refuses_its_own_entries_only(
        self, publish: Any, endpoint: Endpoint
    ) -> None:
        def all_but_the_second_ten(asked: Asked) -> Reply:
            if any('"number":10' in entry["Detail"] for entry in asked.body["Entries"]):
                return Reply(400, {"__type": "AccessDeniedException", "message": "no events:PutEvents"})
            return accepted(asked)

        endpoint.rule = all_but_the_second_ten
        answers = await publish([envelope(number=number) for number in range(25)])
        assert [answer is None for answer in answers] == [not 10 <= number < 20 for number in range(25)]
        assert all("AccessDenied" in answer for answer in answers[10:20])

    @pytest.mark.parametrize("outcome", [UNAVAILABLE, Then.HANG_UP])
    async def test_an_outage_refuses_all_with_a_reason(
        self, publish: Any, endpoint: Endpoint, outcome: Reply | Then
    ) -> None:
        endpoint.always(outcome)
        answers = await publish([envelope() for _ in range(11)])
        assert len(answers) == 11
        assert all(answers)

    async def test_what_is_too_large_spoils_nothing_else(self, publish: Any, endpoint: Endpoint) -> None:
        def up_to_256_kb(asked: Asked) -> Reply:
            if sum(len(entry["Detail"].encode()) for entry in asked.body["Entries"]) > 256 * 1024:
                error = {
                    "__type": "ValidationException",
                    "message": "Total size of the entries is over the limit",
                }
                return Reply(400, error)
            return accepted(asked)

        endpoint.rule = up_to_256_kb
        sizes = [10, 300_000, 10, 200_000, 100_000, 10]
        answers = await publish([envelope(text="x" * size) for size in sizes])
        assert [answer is None for answer in answers] == [size < 256 * 1024 for size in sizes]
        assert all(len(asked.body["Entries"]) <= 10 for asked in endpoint.asked)


class TestQueue:
    """A queue that answers what SQS has been seen to answer."""

    @pytest.fixture
    async def send(self, options: dict[str, Any], endpoint: Endpoint) -> Any:
        urls = {"a/b": f"{endpoint.url}/000000000000/a-b"}
        queue = SqsQueue(get_session(), urls.__getitem__, **options)
        yield queue.send
        await queue.close()

    async def test_the_third_of_ten_is_refused(self, send: Any, endpoint: Endpoint) -> None:
        def all_but_the_third(asked: Asked) -> Reply:
            ids = [entry["Id"] for entry in asked.body["Entries"]]
            failed = {"Id": ids[2], "SenderFault": False, "Code": "InternalError", "Message": "try again"}
            done = [{"Id": id, "MessageId": id, "MD5OfMessageBody": ""} for id in ids if id != ids[2]]
            return Reply(200, {"Successful": done[::-1], "Failed": [failed]})

        endpoint.rule = all_but_the_third
        answers = await send("a/b", [envelope(number=number) for number in range(10)])
        assert [answer is None for answer in answers] == [number != 2 for number in range(10)]
        assert "InternalError" in answers[2]

    @pytest.mark.parametrize("outcome", [UNAVAILABLE, Then.HANG_UP])
    async def test_an_outage_refuses_all_with_a_reason(
        self, send: Any, endpoint: Endpoint, outcome: Reply | Then
    ) -> None:
        endpoint.always(outcome)
        answers = await send("a/b", [envelope() for _ in range(11)])
        assert len(answers) == 11
        assert all(answers)

    async def test_what_is_neither_taken_nor_refused_is_not_taken(
        self, send: Any, endpoint: Endpoint
    ) -> None:
        """An answer that is silent about an entry: it must not be forgotten for that."""
        endpoint.rule = lambda asked: Reply(
            200,
            {
                "Successful": [
                    {"Id": asked.body["Entries"][0]["Id"], "MessageId": "m", "MD5OfMessageBody": ""}
                ]
            },
        )
        first, second = await send("a/b", [envelope(), envelope()])
        assert first is None
        assert second


class TestMailer:
    """SES sends a mail again when it is asked again: nothing may ask twice."""

    MAIL = Mail("alice@example.com", "subject", "text")

    @pytest.fixture
    def mailer(self, options: dict[str, Any]) -> SesMailer:
        return SesMailer(boto3.client("sesv2", **options), "stack@example.com")

    @pytest.mark.parametrize("outcome", [UNAVAILABLE, Then.HANG_UP])
    async def test_an_unknown_outcome_is_neither_repeated_nor_called_a_refusal(
        self, mailer: SesMailer, endpoint: Endpoint, outcome: Reply | Then
    ) -> None:
        endpoint.always(outcome)
        with pytest.raises(Uncertain):
            await mailer.send(self.MAIL)
        assert len(endpoint.asked) == 1

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (400, "BadRequestException"),
            (400, "MessageRejected"),
            (400, "MailFromDomainNotVerifiedException"),
        ],
    )
    async def test_a_refusal_names_its_reason(
        self, mailer: SesMailer, endpoint: Endpoint, status: int, code: str
    ) -> None:
        endpoint.always(Reply(status, {"__type": code, "message": "not this one"}))
        with pytest.raises(MailRefused, match=code):
            await mailer.send(self.MAIL)
        assert len(endpoint.asked) == 1

    @pytest.mark.parametrize(
        ("status", "code", "raised"),
        [(403, "AccessDeniedException", ClientError), (429, "TooManyRequestsException", MailThrottled)],
    )
    async def test_what_may_pass_is_left_to_the_next_delivery(
        self, mailer: SesMailer, endpoint: Endpoint, status: int, code: str, raised: type[Exception]
    ) -> None:
        """Throttled, or not permitted yet: whoever asks again is the consumer, after its delay."""
        endpoint.always(Reply(status, {"__type": code, "message": "later"}))
        with pytest.raises(raised, match=code):
            await mailer.send(self.MAIL)
        assert len(endpoint.asked) == 1


class TestIdentity:
    """A pool's keys that can't be fetched, and tokens that would have them fetched all the time."""

    @pytest.fixture
    def pool(self, endpoint: Endpoint) -> CognitoIdentity:
        return CognitoIdentity(
            boto3.client("cognito-idp", region_name="eu-central-1"),
            pool_id="pool",
            issuer="https://identity.invalid/pool",
            jwks_url=f"{endpoint.url}/.well-known/jwks.json",
            client_ids=frozenset({"web"}),
        )

    async def test_forged_keys_cost_the_pool_next_to_nothing(
        self, pool: CognitoIdentity, endpoint: Endpoint, strangers: list[str]
    ) -> None:
        endpoint.always(Reply(200, {"keys": [another_key()]}))
        answers = await outcomes(pool, strangers)
        assert set(answers) == {InvalidToken}
        assert 1 <= len(endpoint.asked) <= 2

    @pytest.mark.parametrize("outcome", [UNAVAILABLE, Then.HANG_UP, Reply(200, {"keys": []}), Reply(200, {})])
    async def test_an_outage_is_no_refusal(
        self, pool: CognitoIdentity, endpoint: Endpoint, strangers: list[str], outcome: Reply | Then
    ) -> None:
        """An authorizer's refusal is cached: a pool without keys for a second must not lock out its users."""
        endpoint.always(outcome)
        answers = await outcomes(pool, strangers[:1])
        assert set(answers) == {KeysUnavailable}

    async def test_an_outage_is_not_made_worse(
        self, pool: CognitoIdentity, endpoint: Endpoint, strangers: list[str]
    ) -> None:
        await outcomes(pool, strangers)
        assert 1 <= len(endpoint.asked) <= 5


@pytest.fixture(scope="module")
def strangers() -> list[str]:
    """Tokens whose keys nobody knows, each another."""
    identity = MemoryIdentity()
    return [identity.issue("alice", extra={"jti": str(number)}) for number in range(40)]


def another_key() -> dict[str, Any]:
    """A key that a pool publishes, and that signed none of the strangers' tokens."""
    key = RSAAlgorithm.to_jwk(generate_private_key(65537, 2048).public_key(), as_dict=True)
    return {**key, "kid": "theirs", "use": "sig", "alg": "RS256"}


async def outcomes(pool: CognitoIdentity, tokens: list[str]) -> list[type[BaseException] | None]:
    """What came of verifying each, all at once."""
    answers = await asyncio.gather(*(pool.verify(token) for token in tokens), return_exceptions=True)
    return [type(answer) if isinstance(answer, BaseException) else None for answer in answers]


def accepted(asked: Asked) -> Reply:
    """Each entry of a PutEvents request taken."""
    entries = [{"EventId": str(number)} for number in range(len(asked.body["Entries"]))]
    return Reply(200, {"FailedEntryCount": 0, "Entries": entries})
