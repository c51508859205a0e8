"""What an adapter must do to be one: a suite of tests for each port.

Inherit the suite of a port and give its one fixture; pytest then runs every test against your adapter. What
surrounds the adapter (who reads the queue, where mails arrive) is the fixture's matter, in the Protocol that
stands beside each suite.

Example:
    class TestMyStore(StoreConformance):
        @pytest.fixture
        def store(self) -> MyStore:
            return MyStore()
"""

from thestack.testing.conformance.agreement import StoreAgreement
from thestack.testing.conformance.blobs import BlobsConformance, BlobsUnderTest
from thestack.testing.conformance.bus import BusConformance, BusUnderTest
from thestack.testing.conformance.clock import ClockConformance
from thestack.testing.conformance.deliveries import DeliveriesConformance, DeliveriesUnderTest
from thestack.testing.conformance.identity import IdentityConformance, IdentityUnderTest
from thestack.testing.conformance.mailer import MailerConformance, MailerUnderTest
from thestack.testing.conformance.queue import (
    OrderedQueueConformance,
    QueueConformance,
    QueueUnderTest,
)
from thestack.testing.conformance.rows import INDEXES, LOCAL_INDEXES
from thestack.testing.conformance.scheduler import SchedulerConformance, SchedulerUnderTest
from thestack.testing.conformance.secrets import SecretsConformance, SecretsUnderTest
from thestack.testing.conformance.store import StoreConformance

__all__ = [
    "INDEXES",
    "LOCAL_INDEXES",
    "BlobsConformance",
    "BlobsUnderTest",
    "BusConformance",
    "BusUnderTest",
    "ClockConformance",
    "DeliveriesConformance",
    "DeliveriesUnderTest",
    "IdentityConformance",
    "IdentityUnderTest",
    "MailerConformance",
    "MailerUnderTest",
    "OrderedQueueConformance",
    "QueueConformance",
    "QueueUnderTest",
    "SchedulerConformance",
    "SchedulerUnderTest",
    "SecretsConformance",
    "SecretsUnderTest",
    "StoreAgreement",
    "StoreConformance",
]
