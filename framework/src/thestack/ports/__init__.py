"""What the runtime needs of the outside world: Protocols and the plain data that crosses them, nothing else.

Ports know neither definitions nor vendors. Each has adapters in `thestack.adapters` and one conformance
suite in `thestack.testing.conformance` that all of them pass.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thestack.ports.blobs import (
        Blob,
        BlobInfo,
        BlobReads,
        BlobStore,
        BlobTooLarge,
        Location,
        NoBlob,
        PresignedPost,
    )
    from thestack.ports.bus import EventBus
    from thestack.ports.clock import Clock
    from thestack.ports.deliveries import Deliveries, Delivery, Refusal
    from thestack.ports.effects import Uncertain
    from thestack.ports.envelope import Envelope
    from thestack.ports.identity import Claims, Identity, InvalidToken, Profile, Profiles, UnknownUser
    from thestack.ports.mailer import Mail, Mailer, MailRefused, MailThrottled
    from thestack.ports.queue import Queue
    from thestack.ports.router import Router, RouterSettings
    from thestack.ports.scheduler import Scheduler
    from thestack.ports.secrets import MissingSecret, SecretStore
    from thestack.ports.store import (
        Add,
        Contention,
        Delete,
        Put,
        Query,
        Row,
        RowKey,
        RowStore,
        Stale,
        TransactionTooLarge,
        Write,
    )
else:
    from importlib import import_module

    # Each name is loaded at its first use: who reads a definition needs three of the ports.
    _HOMES = {
        "Blob": "blobs",
        "BlobInfo": "blobs",
        "BlobReads": "blobs",
        "BlobStore": "blobs",
        "BlobTooLarge": "blobs",
        "Location": "blobs",
        "NoBlob": "blobs",
        "PresignedPost": "blobs",
        "EventBus": "bus",
        "Clock": "clock",
        "Deliveries": "deliveries",
        "Delivery": "deliveries",
        "Refusal": "deliveries",
        "Uncertain": "effects",
        "Envelope": "envelope",
        "Claims": "identity",
        "Identity": "identity",
        "InvalidToken": "identity",
        "Profile": "identity",
        "Profiles": "identity",
        "UnknownUser": "identity",
        "Mail": "mailer",
        "MailRefused": "mailer",
        "MailThrottled": "mailer",
        "Mailer": "mailer",
        "Queue": "queue",
        "Router": "router",
        "RouterSettings": "router",
        "Scheduler": "scheduler",
        "MissingSecret": "secrets",
        "SecretStore": "secrets",
        "Add": "store",
        "Contention": "store",
        "Delete": "store",
        "Put": "store",
        "Query": "store",
        "Row": "store",
        "RowKey": "store",
        "RowStore": "store",
        "Stale": "store",
        "TransactionTooLarge": "store",
        "Write": "store",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Add",
    "Blob",
    "BlobInfo",
    "BlobReads",
    "BlobStore",
    "BlobTooLarge",
    "Claims",
    "Clock",
    "Contention",
    "Delete",
    "Deliveries",
    "Delivery",
    "Envelope",
    "EventBus",
    "Identity",
    "InvalidToken",
    "Location",
    "Mail",
    "MailRefused",
    "MailThrottled",
    "Mailer",
    "MissingSecret",
    "NoBlob",
    "PresignedPost",
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
    "Scheduler",
    "SecretStore",
    "Stale",
    "TransactionTooLarge",
    "Uncertain",
    "UnknownUser",
    "Write",
]
