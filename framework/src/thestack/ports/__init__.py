"""What the runtime needs of the outside world: Protocols and the plain data that crosses them, nothing else.

Ports know neither definitions nor vendors. Each has adapters in `thestack.adapters` and one conformance
suite in `thestack.testing.conformance` that all of them pass.
"""

from thestack.ports.bus import EventBus
from thestack.ports.clock import Clock
from thestack.ports.deliveries import Deliveries, Delivery, Refusal
from thestack.ports.effects import Uncertain
from thestack.ports.envelope import Envelope
from thestack.ports.identity import Claims, Identity, InvalidToken, Profile, Profiles, UnknownUser
from thestack.ports.mailer import Mail, Mailer, MailRefused
from thestack.ports.queue import Queue
from thestack.ports.router import Router, RouterSettings
from thestack.ports.store import (
    Add,
    Contention,
    Put,
    Query,
    Row,
    RowKey,
    RowStore,
    Stale,
    TransactionTooLarge,
    Write,
)

__all__ = [
    "Add",
    "Claims",
    "Clock",
    "Contention",
    "Deliveries",
    "Delivery",
    "Envelope",
    "EventBus",
    "Identity",
    "InvalidToken",
    "Mail",
    "MailRefused",
    "Mailer",
    "Profile",
    "Profiles",
    "Put",
    "Query",
    "Queue",
    "Refusal",
    "Router",
    "RouterSettings",
    "Row",
    "RowKey",
    "RowStore",
    "Stale",
    "TransactionTooLarge",
    "Uncertain",
    "UnknownUser",
    "Write",
]
