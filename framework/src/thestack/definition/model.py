"""The ServiceModel: what a service is, as frozen data.

It is the only thing that passes from the definition to runtime, infra, contract and local. References to
functions and
classes are carried for the runtime alone; everything that infra and contract need is plain data.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from thestack.definition.rules import Rule
from thestack.diagnostics.site import Site


class Kind(StrEnum):
    """What a named type is."""

    SCALAR = "scalar"
    ENUM = "enum"
    ENTITY = "entity"
    FOREIGN = "foreign"
    INPUT = "input"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A GraphQL type in use:
    a named type, or a list when `item` is set. `python` is the annotated type without its None.
    """

    name: str
    kind: Kind
    nullable: bool = False
    item: "TypeRef | None" = None
    python: Any = None

    @property
    def named(self) -> "TypeRef":
        """The innermost type: `Todo` of `[Todo!]!`."""
        return self.item.named if self.item else self

    def __str__(self) -> str:
        text = f"[{self.item}]" if self.item else self.name
        return text if self.nullable else f"{text}!"


@dataclass(frozen=True, slots=True)
class FieldModel:
    """A stored or transported field. `default` is `...` where the field is required."""

    name: str
    graphql: str
    type: TypeRef
    default: Any
    description: str = ""
    counter: bool = False

    @property
    def required(self) -> bool:
        return self.default is ...


@dataclass(frozen=True, slots=True)
class IndexModel:
    """A secondary index. `name` is unique in the service ("Todo.by_created"); the last of `fields` is the
    sort key if `sorted`.

    `primary` says that the table's own key serves it, so that nothing is stored twice.
    """

    name: str
    attribute: str
    fields: tuple[str, ...]
    sorted: bool
    sparse: bool
    primary: bool = False

    @property
    def partition(self) -> tuple[str, ...]:
        return self.fields[:-1] if self.sorted else self.fields

    @property
    def sort(self) -> str | None:
        return self.fields[-1] if self.sorted else None


@dataclass(frozen=True, slots=True)
class EntityModel:
    """What the service owns. `key` are the fields that name a row, `owner` the field whose value partitions
    it by user.

    `refs` are the @key sets of the GraphQL entity. `by_ref` is the index that finds a row by its key alone,
    present where the read
    rule lets somebody else than the owner in.
    """

    name: str
    key: tuple[str, ...]
    owner: str | None
    refs: tuple[tuple[str, ...], ...]
    allow: Rule
    fields: tuple[FieldModel, ...]
    indexes: tuple[IndexModel, ...]
    by_ref: IndexModel | None
    type: type[Any]
    site: Site
    description: str = ""

    def field(self, name: str) -> FieldModel:
        return next(field for field in self.fields if field.name == name)

    def index(self, attribute: str) -> IndexModel:
        return next(index for index in self.indexes if index.attribute == attribute)

    @property
    def all_indexes(self) -> tuple[IndexModel, ...]:
        """The indexes that are stored."""
        stored = tuple(index for index in self.indexes if not index.primary)
        return (*stored, self.by_ref) if self.by_ref else stored

    @property
    def partition(self) -> tuple[str, ...]:
        """The fields whose values, after tenant and entity, make the partition of a row."""
        return (self.owner,) if self.owner else (self.key[:-1] or self.key)

    @property
    def sort(self) -> tuple[str, ...]:
        """The fields whose values make the place of a row in its partition;
        none where the partition is the row.
        """
        return self.key if self.owner else self.key[1:] and self.key[-1:]

    @property
    def counters(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields if field.counter)


@dataclass(frozen=True, slots=True)
class ForeignModel:
    """An entity of another service, as far as this one refers to it.

    Its fields are the key it is referred to by.
    """

    name: str
    service: str
    key: tuple[str, ...]
    fields: tuple[FieldModel, ...]
    type: type[Any]
    site: Site


@dataclass(frozen=True, slots=True)
class InputModel:
    """A GraphQL input. `patch_of` names the entity that it patches; a patch's fields may all be left out."""

    name: str
    fields: tuple[FieldModel, ...]
    patch_of: str | None
    filter_of: str | None
    type: type[Any]
    site: Site
    description: str = ""


@dataclass(frozen=True, slots=True)
class EnumModel:
    """A GraphQL enum; values are its members' names."""

    name: str
    values: tuple[str, ...]
    type: type[Any]
    description: str = ""


@dataclass(frozen=True, slots=True)
class EventModel:
    """An event that some service owns: this one where `source` is its name, else heard from another."""

    name: str
    version: int
    source: str
    fields: tuple[FieldModel, ...]
    type: type[Any]
    site: Site
    description: str = ""


@dataclass(frozen=True, slots=True)
class MessageModel:
    """A message for a queue: of this service where `service` is its name, else sent to another."""

    name: str
    service: str
    queue: str
    fields: tuple[FieldModel, ...]
    type: type[Any]
    site: Site
    description: str = ""

    @property
    def address(self) -> str:
        """Where it is sent: "notifications/email"."""
        return f"{self.service}/{self.queue}"


class Capability(StrEnum):
    """What a handler may ask for after the `*`."""

    OWNED = "owned"
    STORE = "store"
    READER = "reader"
    CALLER = "caller"
    CLOCK = "clock"
    MAILER = "mailer"
    ONCE = "once"
    PROFILES = "profiles"


@dataclass(frozen=True, slots=True)
class DependencyModel:
    """One dependency. For rows:
    the entity's name, and the names of the events and messages that may leave with its writes.
    """

    name: str
    capability: Capability
    entity: str | None = None
    emits: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class OperationModel:
    """A field of Query or Mutation."""

    kind: str
    graphql: str
    handler: HandlerModel
    returns: TypeRef
    allow: Rule

    @property
    def writes(self) -> bool:
        return self.kind == "mutation"


@dataclass(frozen=True, slots=True)
class ComputedFieldModel:
    """A field that a function answers, on an entity of this service or of another.

    `batch`: one call for many parents.
    """

    parent: str
    graphql: str
    handler: HandlerModel
    returns: TypeRef
    allow: Rule | None
    batch: bool


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a message is tried, and how long the first wait is;
    each further wait doubles, up to 15 minutes.
    """

    attempts: int = 3
    first_delay: timedelta = timedelta(seconds=1)


class Trigger(StrEnum):
    """What a consumer waits for."""

    EVENT = "on"
    MESSAGE = "queue"


@dataclass(frozen=True, slots=True)
class ConsumerModel:
    """A handler of events or messages, with a queue and a DLQ of its own.

    `hears` are event names with their source, or one queue address. `queue` is the name of its queue within
    the service.
    """

    name: str
    trigger: Trigger
    queue: str
    hears: tuple[tuple[str, str], ...]
    handler: HandlerModel
    retry: Retry


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """A whole service. See the module's docstring."""

    name: str
    module: str
    page_default: int
    page_maximum: int
    entities: tuple[EntityModel, ...]
    foreigns: tuple[ForeignModel, ...]
    inputs: tuple[InputModel, ...]
    enums: tuple[EnumModel, ...]
    events: tuple[EventModel, ...]
    foreign_events: tuple[EventModel, ...]
    messages: tuple[MessageModel, ...]
    foreign_messages: tuple[MessageModel, ...]
    operations: tuple[OperationModel, ...]
    computed: tuple[ComputedFieldModel, ...]
    consumers: tuple[ConsumerModel, ...]
    site: Site
    description: str = ""

    def entity(self, name: str) -> EntityModel:
        return next(entity for entity in self.entities if entity.name == name)

    def outgoing(self, shape: type[Any]) -> "EventModel | MessageModel | None":
        """The event or message, of those that may leave the service, whose type this is."""
        models: tuple[EventModel | MessageModel, ...] = (*self.events, *self.messages, *self.foreign_messages)
        return next((model for model in models if model.type is shape), None)

    @property
    def objects(self) -> "tuple[EntityModel | ForeignModel, ...]":
        """The object types: own entities, and those of others that are referred to."""
        return (*self.entities, *self.foreigns)

    @property
    def answered(self) -> "tuple[OperationModel | ComputedFieldModel, ...]":
        """Every field of the subgraph that a handler answers."""
        return (*self.operations, *self.computed)

    @property
    def handlers(self) -> tuple[HandlerModel, ...]:
        """Every handler of the service."""
        consumers = tuple(consumer.handler for consumer in self.consumers)
        return (*(part.handler for part in self.answered), *consumers)

    @property
    def answers(self) -> bool:
        """Whether the service is a subgraph."""
        return bool(self.operations or self.computed or self.entities)

    @property
    def emits(self) -> tuple[str, ...]:
        """Names of the events that some handler may emit, sorted."""
        return tuple(
            sorted(
                {event for handler in self.handlers for dep in handler.dependencies for event in dep.emits}
            )
        )

    @property
    def sends(self) -> tuple[str, ...]:
        """Addresses of the queues that some handler may send to, sorted."""
        return tuple(
            sorted({to for handler in self.handlers for dep in handler.dependencies for to in dep.sends})
        )

    @property
    def speaks(self) -> bool:
        """Whether anything leaves the service, so that it needs a stream and a relay."""
        return bool(self.emits or self.sends)
