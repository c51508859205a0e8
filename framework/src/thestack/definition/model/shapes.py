"""What the service owns, refers to, takes and says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from thestack.definition.directives import Directive
from thestack.definition.model.types import FieldModel
from thestack.definition.rules import Rule
from thestack.diagnostics.site import Site


@dataclass(frozen=True, slots=True)
class IndexModel:
    """A secondary index. `name` is unique in the service ("Todo.by_created"); the last of `fields` is the
    sort key if `sorted`.

    `primary` says that the table's own key serves it, so that nothing is stored twice; `local` that it
    shares the table's partitions.
    """

    name: str
    attribute: str
    fields: tuple[str, ...]
    sorted: bool
    sparse: bool
    primary: bool = False
    local: bool = False

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
    present where the read rule lets somebody else than the owner in. `unique` are the sets of fields of which
    no two rows have the same values. `expires` is the field with the moment after which a row is gone;
    `created` and `updated` are the fields that the framework stamps. `beside` names the entity in whose
    partitions the rows lie. `interfaces` are the names of those that it implements.
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
    unique: tuple[tuple[str, ...], ...] = ()
    expires: str | None = None
    created: str | None = None
    updated: str | None = None
    soft_delete: bool = False
    beside: str | None = None
    interfaces: tuple[str, ...] = ()
    directives: tuple[Directive, ...] = ()

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

    def by_key(self, fields: tuple[str, ...]) -> bool:
        """Whether the table's key finds the one row that has these fields' values."""
        return set(fields) in (set(self.key), {*self.partition, *self.sort})

    def by_unique(self, fields: tuple[str, ...]) -> tuple[str, ...] | None:
        """The unique constraint over these fields, if there is one: its marker names the row."""
        return next((each for each in self.unique if set(each) == set(fields)), None)

    def by_index(self, fields: tuple[str, ...]) -> IndexModel | None:
        """The index that finds the rows that have these fields' values, if one does."""
        wanted = set(fields)
        found = (each for each in self.indexes if wanted in (set(each.fields), set(each.partition)))
        return next(found, None)

    @property
    def counters(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields if field.counter)


@dataclass(frozen=True, slots=True)
class ForeignModel:
    """An entity of another service, as far as this one refers to it.

    Its fields are the key it is referred to by, and those that are `external`. `refs` are the @key sets.
    `view_of` names the Foreign that it is another view of: the same GraphQL type, with more external fields.
    """

    name: str
    service: str
    key: tuple[str, ...]
    fields: tuple[FieldModel, ...]
    type: type[Any]
    site: Site
    refs: tuple[tuple[str, ...], ...] = ()
    interface_object: bool = False
    view_of: str | None = None
    directives: tuple[Directive, ...] = ()


@dataclass(frozen=True, slots=True)
class InterfaceModel:
    """A GraphQL interface. `refs` are the @key sets that all its entities have."""

    name: str
    fields: tuple[FieldModel, ...]
    type: type[Any]
    site: Site
    description: str = ""
    directives: tuple[Directive, ...] = ()
    refs: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ValueModel:
    """An object without identity: a part of an entity, or of an answer."""

    name: str
    fields: tuple[FieldModel, ...]
    type: type[Any]
    site: Site
    description: str = ""
    interfaces: tuple[str, ...] = ()
    directives: tuple[Directive, ...] = ()


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
    directives: tuple[Directive, ...] = ()


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
class AwsEventModel:
    """What AWS says on the account's default bus: its `source` and, as `name`, the detail type. `pattern` is
    what EventBridge compares the detail with. `bucket` names the service's bucket of whose objects it tells.
    """

    name: str
    source: str
    pattern: Mapping[str, Any]
    type: type[Any]
    site: Site
    description: str = ""
    version: int = 1
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class MessageModel:
    """A message for a queue: of this service where `service` is its name, else sent to another.

    `group` is the field by whose value a FIFO queue keeps order; a queue without it is a standard one.
    `delay` is how long every message waits before it is taken.
    """

    name: str
    service: str
    queue: str
    fields: tuple[FieldModel, ...]
    type: type[Any]
    site: Site
    description: str = ""
    version: int = 1
    group: str | None = None
    delay: timedelta = timedelta()

    @property
    def address(self) -> str:
        """Where it is sent: "notifications/email", of a FIFO queue "notifications/email.fifo"."""
        return f"{self.service}/{self.queue}{'.fifo' if self.group else ''}"


@dataclass(frozen=True, slots=True)
class UpcasterModel:
    """From one version of an event or a message to a later one. `name` is the event's, or the queue's
    address; `reads` is the class of the older version, `makes` that of the newer.
    """

    name: str
    source: str
    older: int
    newer: int
    reads: type[Any]
    makes: type[Any]
    function: Any
    site: Site
