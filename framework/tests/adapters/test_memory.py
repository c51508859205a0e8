"""The adapters in memory keep the promises of their ports."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thestack.adapters.memory.blobs import BlobRefused, MemoryBlobs
from thestack.adapters.memory.bus import MemoryBus
from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.deliveries import MemoryDeliveries
from thestack.adapters.memory.identity import MemoryIdentity
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.queue import MemoryQueue
from thestack.adapters.memory.scheduler import MemoryScheduler
from thestack.adapters.memory.secrets import MemorySecrets
from thestack.adapters.memory.store import MemoryStore
from thestack.ports import Delivery, Envelope, InvalidToken, Mail, NoBlob, PresignedPost, Profile, Refusal
from thestack.testing.conformance import (
    BlobsConformance,
    BusConformance,
    ClockConformance,
    DeliveriesConformance,
    IdentityConformance,
    IdentityUnderTest,
    MailerConformance,
    OrderedQueueConformance,
    QueueConformance,
    SchedulerConformance,
    SecretsConformance,
    StoreConformance,
)
from thestack.testing.conformance.envelopes import envelope

ADDRESS = "notifications/email"


class TestMemoryStore(StoreConformance):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class MemoryWire:
    """A bus in memory."""

    def __init__(self) -> None:
        self.bus = MemoryBus()

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        return [each for each in self.bus.published if each.id in ids]

    def refused(self, envelope: Envelope) -> Envelope:
        self.bus.refuse(envelope.id, times=1)
        return envelope


class TestMemoryBus(BusConformance):
    @pytest.fixture
    def wire(self) -> MemoryWire:
        return MemoryWire()


class MemoryQueueWire:
    """A queue in memory."""

    address = ADDRESS

    def __init__(self) -> None:
        self.queue = MemoryQueue({ADDRESS})

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        return [each for each in self.queue.sent[ADDRESS] if each.id in ids]


class TestMemoryQueue(QueueConformance):
    @pytest.fixture
    def wire(self) -> MemoryQueueWire:
        return MemoryQueueWire()


class MemoryOrderedWire(MemoryQueueWire):
    """A queue in memory that keeps order."""

    address = f"{ADDRESS}.fifo"

    def __init__(self) -> None:
        self.queue = MemoryQueue({self.address})

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        return [each for each in self.queue.sent[self.address] if each.id in ids]


class TestMemoryQueueInOrder(OrderedQueueConformance):
    @pytest.fixture
    def wire(self) -> MemoryOrderedWire:
        return MemoryOrderedWire()

    async def test_what_follows_a_refused_one_in_its_group_is_held(self) -> None:
        address, queue = MemoryOrderedWire.address, MemoryQueue()
        keys = ["a", "b", "a"]
        sent = [replace(envelope(address), partition_key=key) for key in keys]
        queue.refuse(sent[0].id, times=1)
        reasons = await queue.send(address, sent)
        assert [bool(reason) for reason in reasons] == [True, False, True]
        assert await queue.send(address, [sent[0], sent[2]]) == [None, None]
        assert queue.sent[address] == [sent[1], sent[0], sent[2]]


class MemorySchedulerWire:
    """A scheduler in memory, whose minute is over at once."""

    address = ADDRESS

    def __init__(self) -> None:
        self.scheduler, self.now = MemoryScheduler(), datetime(2026, 1, 2, tzinfo=UTC)

    async def kept(self, name: str) -> tuple[datetime, Envelope] | None:
        found = self.scheduler.kept.get(name)
        return (found[0], found[2]) if found else None

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        taken = self.scheduler.take(self.now + timedelta(minutes=1))
        return [envelope for _, address, envelope in taken if envelope.id in ids and address == ADDRESS]


class TestMemoryScheduler(SchedulerConformance):
    @pytest.fixture
    def wire(self) -> MemorySchedulerWire:
        return MemorySchedulerWire()


class MemoryDeliveriesWire:
    """A queue in memory, with deliveries that a test makes."""

    def __init__(self) -> None:
        self.deliveries = MemoryDeliveries()

    async def deliver(self, body: str) -> Delivery:
        return Delivery("1", body, 1, "receipt")

    async def again(self) -> Delivery | None:
        soon = [each for each, delay in self.deliveries.postponed if delay <= timedelta(seconds=1)]
        return replace(soon[-1], attempt=soon[-1].attempt + 1) if soon else None

    async def dead(self) -> list[tuple[str, Refusal]]:
        return [(delivery.body, refusal) for delivery, refusal in self.deliveries.parked]


class TestMemoryDeliveries(DeliveriesConformance):
    @pytest.fixture
    def wire(self) -> MemoryDeliveriesWire:
        return MemoryDeliveriesWire()


class MemoryPost:
    """A mailer in memory."""

    def __init__(self) -> None:
        self.mailer = MemoryMailer()

    async def sent(self, to: str) -> Sequence[Mail]:
        return [mail for mail in self.mailer.sent if mail.to == to]

    def refusing(self) -> MemoryMailer:
        self.mailer.refuse("the sender is not verified")
        return self.mailer


class TestMemoryMailer(MailerConformance):
    @pytest.fixture
    def post(self) -> MemoryPost:
        return MemoryPost()


class MemoryVault:
    """Secrets in memory."""

    def __init__(self) -> None:
        self.store = MemorySecrets()

    async def keep(self, name: str, value: str) -> None:
        self.store.keep(name, value)


class TestMemorySecrets(SecretsConformance):
    @pytest.fixture
    def vault(self) -> MemoryVault:
        return MemoryVault()


class Clients:
    """A bucket, and who uses what it signs."""

    def __init__(self) -> None:
        self.store = MemoryBlobs("things", FixedClock(datetime(2026, 1, 2, tzinfo=UTC)))

    async def post(self, form: PresignedPost, data: bytes) -> str:
        try:
            await self.store.post(form, data)
        except BlobRefused as refused:
            return str(refused).partition(":")[0]
        return ""

    async def fetch(self, url: str) -> bytes | None:
        try:
            return (await self.store.fetch(url)).data
        except (BlobRefused, NoBlob):
            return None


class TestMemoryBlobs(BlobsConformance):
    @pytest.fixture
    def bucket(self) -> Clients:
        return Clients()


class TestFixedClock(ClockConformance):
    @pytest.fixture
    def clock(self) -> FixedClock:
        return FixedClock(datetime(2026, 1, 2, tzinfo=UTC))

    def test_it_goes_when_told(self, clock: FixedClock) -> None:
        before = clock.now()
        clock.advance(timedelta(days=1))
        assert clock.now() - before == timedelta(days=1)


@pytest.fixture(scope="module")
def memory_identity() -> MemoryIdentity:
    return MemoryIdentity(Profile("u-1", "alice@example.org"))


class TestMemoryIdentity(IdentityConformance):
    @pytest.fixture
    def pool(self, memory_identity: MemoryIdentity) -> IdentityUnderTest:
        it = memory_identity
        return IdentityUnderTest(
            it, it.private_key, it.kid, it.issuer, it.client, Profile("u-1", "alice@example.org")
        )

    async def test_it_issues_what_it_verifies(self, memory_identity: MemoryIdentity) -> None:
        token = memory_identity.issue("u-1", tenant="acme", groups={"staff"}, lasts=timedelta(minutes=5))
        claims = await memory_identity.verify(token)
        assert (claims.subject, claims.tenant, claims.groups) == ("u-1", "acme", frozenset({"staff"}))

    async def test_it_refuses_what_another_one_issued(self, memory_identity: MemoryIdentity) -> None:
        with pytest.raises(InvalidToken):
            await memory_identity.verify(MemoryIdentity().issue("u-1"))
