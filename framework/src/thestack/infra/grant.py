"""A statement of a policy as plain data, with the places in the definition that cause it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from thestack.diagnostics.diagnostic import Part
from thestack.diagnostics.site import Site


class Kind(StrEnum):
    """What a grant is on, in the words of a report."""

    TABLE = "table"
    INDEX = "index"
    STREAM = "stream"
    QUEUE = "queue"
    DEAD_LETTERS = "DLQ of"
    UNDELIVERED = "undelivered events of"
    BUS = "bus"
    BUCKET = "bucket"
    OBJECTS = "objects in bucket"
    SENDER = "mail from"
    MAIL_CONFIGURATION = "mail configuration of"
    USER_POOL = "users of"
    SCHEDULES = "schedules of"
    SCHEDULER = "role of the schedules of"
    FUNCTION = "subgraph"
    SUBSCRIPTIONS = "subscriptions of"
    CONNECTIONS = "WebSocket connections"
    CONNECTIONS_INDEX = "index of WebSocket connections"
    SOCKETS = "WebSocket API"
    SUBSCRIPTION_PARAMETERS = "parameters of subscriptions"
    LOG = "log of"
    PARAMETER = "parameter"
    SECRET = "secret"  # noqa: S105 - a word, no secret
    ARN = "ARN"
    EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource by its name in the definitions: table "todo", index "Todo.by_created",
    queue "notifications/email".
    """

    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a grant is there: what asks for it, in words, and the part of the definition that does so.

    `site` is None where the framework itself needs it, whatever the definition says. `concerns` are the
    resources of the grant that it is the cause of, where it isn't of all.
    """

    text: str
    site: Site | None = None
    part: Part = field(default_factory=Part)
    concerns: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement that allows `actions` on `resources`. `conditions` are as IAM writes them."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[Resource, ...]
    because: tuple[Cause, ...]
    conditions: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def causes_of(self, resource: Resource) -> tuple[Cause, ...]:
        """Why this one of its resources is in it."""
        return tuple(each for each in self.because if not each.concerns or resource in each.concerns)
