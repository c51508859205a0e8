"""The adapters of AWS keep the promises of their ports, against an emulated one."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from aiobotocore.session import get_session
from botocore.exceptions import ClientError

from framework.tests.adapters.emulator import Emulator
from framework.tests.adapters.endpoint import Reply, serve
from framework.tests.adapters.tables import create_table
from thestack.adapters.aws.bus import EventBridgeBus
from thestack.adapters.aws.clock import SystemClock
from thestack.adapters.aws.deliveries import SqsDeliveries
from thestack.adapters.aws.mailer import SesMailer
from thestack.adapters.aws.queue import SqsQueue
from thestack.adapters.aws.scheduler import Destination, EventBridgeScheduler
from thestack.adapters.aws.store import DynamoStore
from thestack.ports import (
    Add,
    Delivery,
    Envelope,
    Mail,
    MailThrottled,
    Put,
    Refusal,
    RowKey,
    TransactionTooLarge,
)
from thestack.ports.store import LARGEST_ROW
from thestack.testing.conformance import (
    INDEXES,
    LOCAL_INDEXES,
    BusConformance,
    ClockConformance,
    DeliveriesConformance,
    MailerConformance,
    OrderedQueueConformance,
    QueueConformance,
    SchedulerConformance,
    StoreAgreement,
    StoreConformance,
)
from thestack.testing.conformance.envelopes import envelope
from thestack.testing.conformance.rows import thing

pytestmark = pytest.mark.aws
ADDRESS = "notifications/email"
SENDER = "todo@example.org"
WITHIN = 10.0
FIFO = {
    "FifoQueue": "true",
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
}
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
    return create_table(emulator, f"things-{uuid4()}", INDEXES, LOCAL_INDEXES)


@pytest.fixture(scope="module")
def dynamo_store(emulator: Emulator, table: str) -> DynamoStore:
    return DynamoStore(emulator.client("dynamodb"), table)


class TestDynamoStore(StoreConformance):
    @pytest.fixture
    def store(self, dynamo_store: DynamoStore) -> DynamoStore:
        return dynamo_store

    async def test_a_row_that_only_dynamodb_finds_too_large(self, store: DynamoStore, pk: str) -> None:
        fits = LARGEST_ROW - len('{"text": ""}')
        writes = [Put(thing(pk, "1", text="x" * fits), None), Put(thing(pk, "2"), None)]
        for attempt in (writes[:1], writes):
            with pytest.raises(TransactionTooLarge, match="size"):
                await store.commit(attempt)
        grown = Add(thing(pk, "3", more="x" * 10_000), {"n": 1})
        await store.commit([Put(thing(pk, "3", text="x" * (fits - 5000)), None)])
        with pytest.raises(TransactionTooLarge, match="size"):
            await store.commit([grown])
        found = await store.get([RowKey(pk, "1"), RowKey(pk, "2"), RowKey(pk, "3")])
        assert [row and row.version for row in found] == [None, None, 1]


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
        place = {"MessageGroupId": "one", "MessageDeduplicationId": str(uuid4())}
        given = place if self.url.endswith(".fifo") else {}
        self._client.send_message(QueueUrl=self.url, MessageBody=body, **given)

    def receive(self) -> list[dict[str, Any]]:
        """What is there now, and stays where it is."""
        answer = self._client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["ApproximateReceiveCount"],
        )
        return list(answer.get("Messages", []))

    async def take(self, ids: Collection[str], within: float = WITHIN) -> list[Envelope]:
        """The envelopes with these ids, once all are there."""

        def read() -> list[Envelope]:
            for message in self.receive():
                self._came.append(message)
                self._client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            envelopes = [Envelope.from_json(message["Body"]) for message in self._came]
            return [each for each in envelopes if each.id in ids]

        return await until(read, lambda found: {each.id for each in found} == set(ids), within)


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
        self._inbox = self.inbox(emulator)
        missing = f"{emulator.endpoint}/{emulator.account}/nowhere"
        urls = {self.address: self._inbox.url}
        self.queue = SqsQueue(get_session(), lambda address: urls.get(address, missing), **emulator.options)

    def inbox(self, emulator: Emulator) -> Inbox:
        return Inbox(emulator, f"queue-{uuid4()}")

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        return await self._inbox.take(ids)


class TestSqsQueue(QueueConformance):
    @pytest.fixture
    async def wire(self, emulator: Emulator) -> AsyncIterator[QueueWire]:
        wire = QueueWire(emulator)
        yield wire
        await wire.queue.close()

    async def test_a_message_waits_as_it_was_told(self, wire: QueueWire) -> None:
        late, soon = envelope(ADDRESS), envelope(ADDRESS)
        began = time.monotonic()
        waits = [timedelta(milliseconds=700), timedelta()]
        assert await wire.queue.send(ADDRESS, [late, soon], waits) == [None, None]
        assert [each.id for each in await wire.arrived([soon.id])] == [soon.id]
        assert [each.id for each in await wire.arrived([late.id])] == [late.id]
        assert time.monotonic() - began >= 0.7


class OrderedQueueWire(QueueWire):
    """An SQS queue that keeps order, as the templates have it."""

    address = f"{ADDRESS}.fifo"

    def inbox(self, emulator: Emulator) -> Inbox:
        return Inbox(emulator, f"queue-{uuid4()}.fifo", **FIFO)


class TestSqsQueueInOrder(OrderedQueueConformance):
    @pytest.fixture
    async def wire(self, emulator: Emulator) -> AsyncIterator[OrderedQueueWire]:
        wire = OrderedQueueWire(emulator)
        yield wire
        await wire.queue.close()


class SchedulerWire:
    """A group of schedules, and the SQS queue that they send to."""

    address = ADDRESS

    def __init__(self, emulator: Emulator, suffix: str = "", **attributes: str) -> None:
        self._group = f"group-{uuid4()}"
        self._client = emulator.client("scheduler")
        self._client.create_schedule_group(Name=self._group)
        self._inbox = Inbox(emulator, f"{self._group}{suffix}", **attributes)
        self.scheduler = EventBridgeScheduler(
            get_session(),
            self._group,
            f"arn:aws:iam::{emulator.account}:role/scheduler",
            lambda _: Destination(self._inbox.arn, f"{self._inbox.arn}-dlq"),
            **emulator.options,
        )

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def kept(self, name: str) -> tuple[datetime, Envelope] | None:
        with suppress(self._client.exceptions.ResourceNotFoundException):
            found = self._client.get_schedule(Name=name, GroupName=self._group)
            moment = datetime.fromisoformat(found["ScheduleExpression"][3:-1]).replace(tzinfo=UTC)
            return moment, Envelope.from_json(found["Target"]["Input"])
        return None

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        return await self._inbox.take(ids, within=60)


class TestEventBridgeScheduler(SchedulerConformance):
    @pytest.fixture
    async def wire(self, emulator: Emulator) -> AsyncIterator[SchedulerWire]:
        wire = SchedulerWire(emulator)
        yield wire
        await wire.scheduler.close()

    async def test_a_queue_that_keeps_order_gets_it_in_its_group(self, emulator: Emulator) -> None:
        wire = SchedulerWire(emulator, ".fifo", **FIFO, ContentBasedDeduplication="true")
        sent = replace(envelope(ADDRESS), partition_key="order-1")
        due = wire.now + timedelta(seconds=1)
        assert await wire.scheduler.keep("one", due, ADDRESS, sent) is None
        assert await wire.arrived([sent.id]) == [sent]
        await wire.scheduler.close()

    async def test_a_group_that_is_not_there_is_a_reason_and_no_exception(self, emulator: Emulator) -> None:
        to, role = Destination("arn:aws:sqs:::a", "arn:aws:sqs:::b"), "arn:aws:iam::1:role/x"
        scheduler = EventBridgeScheduler(get_session(), "nowhere", role, lambda _: to, **emulator.options)
        moment = datetime(2090, 1, 1, tzinfo=UTC)
        assert "nowhere" in str(await scheduler.keep("one", moment, ADDRESS, envelope(ADDRESS)))
        await scheduler.close()


class DeliveriesWire:
    """An SQS queue with a DLQ."""

    def __init__(self, emulator: Emulator) -> None:
        name = f"deliveries-{uuid4()}"
        self._queue = Inbox(emulator, name, VisibilityTimeout="300")
        self._dead = Inbox(emulator, f"{name}-dlq")
        self.deliveries = SqsDeliveries(emulator.client("sqs"), self._queue.url, self._dead.url)

    def send(self, body: str) -> None:
        self._queue.send(body)

    async def deliver(self, body: str) -> Delivery:
        self.send(body)
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


class OrderedDeliveriesWire(DeliveriesWire):
    """An SQS queue that keeps order, with a DLQ that does."""

    def __init__(self, emulator: Emulator) -> None:
        name = f"deliveries-{uuid4()}"
        self._queue = Inbox(emulator, f"{name}.fifo", VisibilityTimeout="300", **FIFO)
        self._dead = Inbox(emulator, f"{name}-dlq.fifo", **FIFO)
        self.deliveries = SqsDeliveries(emulator.client("sqs"), self._queue.url, self._dead.url)


def refusal_of(message: dict[str, Any]) -> Refusal:
    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    return Refusal(said["handler"], said["cause"], said["reason"], int(said["attempts"]))


class TestSqsDeliveries(DeliveriesConformance):
    @pytest.fixture
    def wire(self, emulator: Emulator) -> DeliveriesWire:
        return DeliveriesWire(emulator)


class TestSqsDeliveriesInOrder(DeliveriesConformance):
    @pytest.fixture
    def wire(self, emulator: Emulator) -> OrderedDeliveriesWire:
        return OrderedDeliveriesWire(emulator)

    async def test_nothing_of_a_group_comes_while_one_of_it_is_out(self, wire: OrderedDeliveriesWire) -> None:
        first = await wire.deliver("first")
        wire.send("second")
        await wire.deliveries.postpone(first, timedelta(minutes=10))
        assert await wire.again() is None

    async def test_what_is_parked_from_one_group_is_all_seen_in_the_dlq(
        self, wire: OrderedDeliveriesWire
    ) -> None:
        for number in range(3):
            delivery = Delivery(f"{number}", f"{number}", 3, "receipt", group="one")
            await wire.deliveries.park(delivery, Refusal("h", "Reject", "no", 3))
        assert sorted(body for body, _ in await wire.dead()) == ["0", "1", "2"]


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


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "SendingPausedException"),
        (403, "AccessDeniedException"),
        (404, "NotFoundException"),
    ],
)
async def test_what_is_not_the_mails_fault_is_no_refusal(emulator: Emulator, status: int, code: str) -> None:
    with serve() as endpoint:
        endpoint.always(Reply(status, {"__type": code, "message": "not now"}))
        client = replace(emulator, aws=replace(emulator.aws, endpoint=endpoint.url)).client("sesv2")
        with pytest.raises(ClientError, match=code):
            await SesMailer(client, SENDER).send(Mail("alice@example.org", "Hello", "Text"))
        assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(429, "TooManyRequestsException"), (400, "LimitExceededException")]
)
async def test_a_rate_and_a_quota_are_told_from_a_refusal(emulator: Emulator, status: int, code: str) -> None:
    with serve() as endpoint:
        endpoint.always(Reply(status, {"__type": code, "message": "Maximum sending rate exceeded."}))
        client = replace(emulator, aws=replace(emulator.aws, endpoint=endpoint.url)).client("sesv2")
        with pytest.raises(MailThrottled, match="sending rate"):
            await SesMailer(client, SENDER).send(Mail("alice@example.org", "Hello", "Text"))
        assert len(endpoint.asked) == 1


async def test_headers_and_tags_go_with_the_mail_by_the_configuration_set(emulator: Emulator) -> None:
    with serve() as endpoint:
        endpoint.always(Reply(200, {"MessageId": "m"}))
        client = replace(emulator, aws=replace(emulator.aws, endpoint=endpoint.url)).client("sesv2")
        headers, tags = (
            {"List-Unsubscribe": "<https://a.example/u?t=1>"},
            {"tenant": "main", "topic": "todos"},
        )
        mailer = SesMailer(client, SENDER, "local-mail")
        await mailer.send(Mail("a@example.org", "Hello", "Text", headers=headers, tags=tags))
        await SesMailer(client, SENDER).send(Mail("a@example.org", "Hello", "Text"))
    whole, plain = (each.body for each in endpoint.asked)
    assert whole["Content"]["Simple"]["Headers"] == [
        {"Name": "List-Unsubscribe", "Value": "<https://a.example/u?t=1>"}
    ]
    assert whole["EmailTags"] == [{"Name": "tenant", "Value": "main"}, {"Name": "topic", "Value": "todos"}]
    assert whole["ConfigurationSetName"] == "local-mail"
    assert plain.keys() & {"EmailTags", "ConfigurationSetName"} == set()
    assert "Headers" not in plain["Content"]["Simple"]


class TestSystemClock(ClockConformance):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()
