"""The definition language: everything that a `service.py` imports, and nothing else."""

from thestack.definition.capabilities import Caller, Once, Owned, Reader, Rows, Store
from thestack.definition.indexes import Access, Index, Key
from thestack.definition.model import Retry
from thestack.definition.pages import Connection, Edge, Page
from thestack.definition.problems import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    Reject,
    TooLarge,
    Unauthenticated,
    Unconfirmed,
)
from thestack.definition.rules import Rule, group, owner, public, signed_in
from thestack.definition.scalars import UNSET, Counter, Cursor, Id, Unset, new_id
from thestack.definition.service import Service
from thestack.definition.shapes import (
    Entity,
    Event,
    Filter,
    Foreign,
    ForeignEvent,
    ForeignMessage,
    Input,
    Message,
    OneOf,
    Patch,
)
from thestack.ports.clock import Clock
from thestack.ports.effects import Uncertain
from thestack.ports.identity import Profile, Profiles, UnknownUser
from thestack.ports.mailer import Mail, Mailer, MailRefused

__all__ = [
    "UNSET",
    "Access",
    "BadInput",
    "Caller",
    "Clock",
    "Conflict",
    "Connection",
    "Counter",
    "Cursor",
    "Edge",
    "Entity",
    "Event",
    "Filter",
    "Forbidden",
    "Foreign",
    "ForeignEvent",
    "ForeignMessage",
    "Id",
    "Index",
    "Input",
    "Key",
    "Mail",
    "MailRefused",
    "Mailer",
    "Message",
    "NotFound",
    "Once",
    "OneOf",
    "Owned",
    "Page",
    "Patch",
    "Problem",
    "Profile",
    "Profiles",
    "Reader",
    "Reject",
    "Retry",
    "Rows",
    "Rule",
    "Service",
    "Store",
    "TooLarge",
    "Unauthenticated",
    "Uncertain",
    "Unconfirmed",
    "UnknownUser",
    "Unset",
    "group",
    "new_id",
    "owner",
    "public",
    "signed_in",
]
