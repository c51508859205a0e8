"""What the service answers, hears, and does by the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from thestack.definition.any_event import AnyEvent
from thestack.definition.directives import Directive
from thestack.definition.model.types import TypeRef
from thestack.definition.options import MAXIMUM_HOPS, Function, Permission, Retry
from thestack.definition.rules import Rule
from thestack.diagnostics.site import Site


class Capability(StrEnum):
    """What a handler may ask for after the `*`."""

    OWNED = "owned"
    STORE = "store"
    READER = "reader"
    COLLECTION = "collection"
    BLOB_READER = "blob reader"
    BLOBS = "blobs"
    CALLER = "caller"
    CLOCK = "clock"
    LINKS = "links"
    MAILER = "mailer"
    ONCE = "once"
    PROFILES = "profiles"
    SECRET = "secret"  # noqa: S105 - a word, no secret
    PORT = "port"
    REQUIRES = "requires"


@dataclass(frozen=True, slots=True)
class SecretModel:
    """A value that is kept outside: `name` in SSM's parameter store, or in Secrets Manager."""

    name: str
    manager: bool = False


@dataclass(frozen=True, slots=True)
class DependencyModel:
    """One dependency. For rows:
    the entity's name, and the names of the events and messages that may leave with its writes.

    `says` are the classes of these events and messages, `entities` those of a COLLECTION, `bucket` the name
    of what BLOBS and a BLOB_READER are of, `secret` the place of a SECRET, `port` the name of the provider of
    a PORT, `requires` the GraphQL type of the field that a REQUIRES names.
    """

    name: str
    capability: Capability
    entity: str | None = None
    emits: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    secret: SecretModel | None = None
    bucket: str | None = None
    port: str | None = None
    requires: TypeRef | None = None
    says: tuple[type[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ArgumentModel:
    """A GraphQL argument. `default` is `...` where it is required;
    `check` says that pydantic has constraints to apply.
    """

    name: str
    graphql: str
    type: TypeRef
    default: Any
    annotation: Any
    check: bool
    description: str = ""
    directives: tuple[Directive, ...] = ()


@dataclass(frozen=True, slots=True)
class HandlerModel:
    """A function of the service with what it takes. `page` names the parameter of type Page, if any."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[ArgumentModel, ...]
    dependencies: tuple[DependencyModel, ...]
    page: str | None
    site: Site
    description: str = ""

    @property
    def is_generated(self) -> bool:
        """Whether the framework wrote it: an operation of `crud`."""
        return self.function.__module__.startswith("thestack.")


@dataclass(frozen=True, slots=True)
class OperationModel:
    """A field of Query or Mutation."""

    kind: str
    graphql: str
    handler: HandlerModel
    returns: TypeRef
    allow: Rule
    directives: tuple[Directive, ...] = ()

    @property
    def writes(self) -> bool:
        return self.kind == "mutation"


@dataclass(frozen=True, slots=True)
class ComputedFieldModel:
    """A field that a function answers, on an entity of this service or of another.

    `batch`: one call for many parents. `view` names the view of a foreign entity that its parent is handed
    over as.
    """

    parent: str
    graphql: str
    handler: HandlerModel
    returns: TypeRef
    allow: Rule | None
    batch: bool
    directives: tuple[Directive, ...] = ()
    view: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionModel:
    """A field of Subscription: a stateless map from the events that it `hears`, (source, name) each, which it
    `reads` as these classes.
    """

    graphql: str
    hears: tuple[tuple[str, str], ...]
    reads: tuple[type[Any], ...]
    handler: HandlerModel
    returns: TypeRef
    allow: Rule
    directives: tuple[Directive, ...] = ()


class Trigger(StrEnum):
    """What a consumer waits for."""

    EVENT = "on"
    MESSAGE = "queue"
    TIME = "every"


@dataclass(frozen=True, slots=True)
class Polling:
    """How a consumer's queue is read: at most `batch` messages at once, waiting up to `window` for them, by
    at most `concurrency` functions (None: the environment's). `visibility` None: six times the timeout.
    """

    batch: int = 10
    window: timedelta = timedelta()
    concurrency: int | None = None
    visibility: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ScheduleModel:
    """When a timer fires: `expression` as EventBridge Scheduler writes it, in the time zone `zone`."""

    expression: str
    zone: str


@dataclass(frozen=True, slots=True)
class ConsumerModel:
    """A handler of events, messages or moments, with a queue and a DLQ of its own.

    `hears` are event names with their source, or one queue address; `reads` the classes that the handler
    takes: `AnyEvent` for every event. `queue` is the name of its queue within the service, which ends in
    ".fifo" where it keeps order. `batched`: the handler takes many at once.
    `where` is what an event must satisfy to be heard. `hops` is how many handlers may have followed from one
    cause when it still says something. `cyclic` says that what it causes may come back to it,
    and that this is meant.
    """

    name: str
    trigger: Trigger
    queue: str
    hears: tuple[tuple[str, str], ...]
    handler: HandlerModel
    retry: Retry
    reads: tuple[type[Any], ...] = ()
    where: Any = None
    polling: Polling = field(default_factory=Polling)
    function: Function = field(default_factory=Function)
    schedule: ScheduleModel | None = None
    cyclic: bool = False
    hops: int = MAXIMUM_HOPS
    batched: bool = False

    @property
    def is_fifo(self) -> bool:
        return self.queue.endswith(".fifo")

    @property
    def hears_all(self) -> bool:
        """Whether it takes every event of every service."""
        return AnyEvent in self.reads


@dataclass(frozen=True, slots=True)
class HookModel:
    """A door for plain HTTP, which takes requests of these `methods`."""

    name: str
    methods: tuple[str, ...]
    handler: HandlerModel
    allow: Rule
    function: Function = field(default_factory=Function)


@dataclass(frozen=True, slots=True)
class ProviderModel:
    """What makes a port of the service's own: `name` is the class that handlers ask for."""

    name: str
    type: type[Any]
    function: Callable[..., Any]
    dependencies: tuple[DependencyModel, ...]
    permissions: tuple[Permission, ...]
    site: Site
