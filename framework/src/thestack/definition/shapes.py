"""The shapes of a definition: entities, events, messages, inputs, and what others own.

Type checkers see plain dataclass-like classes whose class keywords are checked; at run time the shapes are
pydantic models
that record what was declared and never raise for it: mistakes become diagnostics, all at once.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Self, dataclass_transform

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr
from typing_extensions import TypeVar

from thestack.definition.directives import Directive
from thestack.definition.event_patterns import Pattern
from thestack.definition.indexes import Index, Key
from thestack.definition.rules import Rule
from thestack.definition.scalars import StampMark, Unset
from thestack.diagnostics.site import Site, caller_site


@dataclass(frozen=True, slots=True)
class Declared:
    """What a class statement said: its keywords, and where it stands."""

    keywords: Mapping[str, Any]
    site: Site


Keys = tuple[Key | str, ...] | list[Key | str]
"""Keys, one after the other; a text, which is a sequence too, is none."""
UNSTAMPED = datetime.min.replace(tzinfo=UTC)
"""What a stamped field holds before its row is committed."""


def created(*, init: Literal[False] = False) -> Any:
    """The moment when the row came into being, which the framework fills in:
    `created_at: datetime = created()`.
    """
    return Field(default=UNSTAMPED, json_schema_extra={"stamp": StampMark.CREATED.value})


def updated(*, init: Literal[False] = False) -> Any:
    """The moment of the row's last change, which the framework fills in:
    `updated_at: datetime = updated()`.
    """
    return Field(default=UNSTAMPED, json_schema_extra={"stamp": StampMark.UPDATED.value})


if TYPE_CHECKING:

    @dataclass_transform(kw_only_default=True, field_specifiers=(Field, created, updated))
    class Shape:
        """A record with typed fields."""

else:

    class Shape(BaseModel):
        """A record with typed fields."""

        model_config = ConfigDict(
            validate_assignment=True,
            extra="forbid",
            ignored_types=(Index,),
            defer_build=True,
            arbitrary_types_allowed=True,
            json_schema_serialization_defaults_required=True,  # what is said has all its fields
        )
        __declared__: ClassVar[Declared]

        def __init_subclass__(cls, **keywords: Any) -> None:
            super().__init_subclass__()
            cls.__declared__ = Declared(keywords, caller_site(cls.__name__))

        @classmethod
        def __pydantic_init_subclass__(cls, **keywords: Any) -> None:
            """The keywords are ours; pydantic need not know them."""


def camel(name: str) -> str:
    """`created_at` -> `createdAt`: from Python's and storage's names to GraphQL's."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


class Interface(Shape):
    """A GraphQL interface. What has its fields names it as a base: `class Book(Entity, Node, key="id")`.

    With `refs`, federation keys that all its entities have, other services add fields to all of them at once.
    """

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, refs: Keys = (), directives: Sequence[Directive] = ()) -> None: ...


class Value(Shape):
    """An object without identity, as a part of an entity, an event or an answer: an address, an amount.

    A client gives it as an input of the same fields: `Address` as `AddressInput`.
    """

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, directives: Sequence[Directive] = ()) -> None: ...

    else:
        model_config = ConfigDict(alias_generator=camel, validate_by_name=True, validate_by_alias=True)


class Entity(Shape):
    """Something the service owns, stores and answers.

    `key` names a row; `owner` is the field with the id of the user to whom it belongs; `refs` are the
    federation keys (by default the key); `allow` says who may read it, on every path: by default its owner,
    if it has one. `unique` are fields of which no two rows in a tenant have the same value. After the moment
    in the field `expires` a row is gone. With `soft_delete` a deleted row is kept, and can be restored. The
    rows lie `beside` those of another entity, in the same partitions, so that one request reads both.

    An entity is a draft until it is put: assign its fields, then `await mine.put(todo)`.
    """

    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            key: Key | str = "id",
            owner: str | None = None,
            refs: Keys = (),
            allow: Rule | None = None,
            unique: Keys = (),
            expires: str | None = None,
            soft_delete: bool = False,
            beside: "type[Entity] | None" = None,
            directives: Sequence[Directive] = (),
        ) -> None: ...

    else:
        _version: int | None = PrivateAttr(default=None)
        _held: Mapping[Any, Any] | None = PrivateAttr(default=None)
        _unknown: Mapping[str, Any] = PrivateAttr(default_factory=dict)


class Foreign(Shape):
    """An entity that another service owns, by the fields that refer to it.

    Its class name is its GraphQL type. A subclass of it is a view: the same type, with more of its fields,
    which are external; a field that answers a view provides them, a field whose parent is a view requires
    them. With `interface_object` it stands for every entity of an interface of the other service.
    """

    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            service: str = "",
            key: Key | str = "id",
            refs: Keys = (),
            interface_object: bool = False,
            directives: Sequence[Directive] = (),
        ) -> None: ...

    else:
        # What the router says of it, where it refers to it.
        _representation: Mapping[str, Any] = PrivateAttr(default_factory=dict)


class Event(Shape):
    """A fact that this service owns and says, once the transaction that caused it is committed."""

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, name: str, version: int) -> None: ...


class ForeignEvent(Shape):
    """An event of another service, with only the fields that are read here; unknown ones are ignored."""

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, name: str, version: int, source: str) -> None: ...

    else:
        model_config = ConfigDict(extra="ignore")


class AwsEvent(Shape):
    """What AWS says on the account's default bus, with only the fields of its detail that are read here;
    unknown ones are ignored. Fields have AWS's names in camelCase, others by `Field(alias="object-key")`.

    `source` and `detail_type` are AWS's; `pattern` is what EventBridge compares the detail with, where
    `{environment}` and `{account}` stand for those of the stack.

    Example: `class JobEnded(AwsEvent, source="aws.mediaconvert", detail_type="MediaConvert Job State Change",
    pattern={"status": ["COMPLETE", "ERROR"]})`.
    """

    if TYPE_CHECKING:

        def __init_subclass__(
            cls, *, source: str, detail_type: str, pattern: Pattern | None = None
        ) -> None: ...

    else:
        model_config = ConfigDict(
            extra="ignore", alias_generator=camel, validate_by_name=True, validate_by_alias=True
        )

    @property
    def tenant(self) -> str:
        """Whose rows its consumer sees; "" stands for the environment's default tenant."""
        return ""


LONGEST_WAIT = timedelta(minutes=15)
"""How long a queue can hold a message back."""


class _Sendable(Shape):
    """A request for work, which may be put off."""

    if not TYPE_CHECKING:
        _due: datetime | None = PrivateAttr(default=None)
        _wait: timedelta | None = PrivateAttr(default=None)
        _name: str | None = PrivateAttr(default=None)
        _cancels: bool = PrivateAttr(default=False)

    def at(self, when: datetime, *, name: str | None = None) -> Self:
        """The same, to be sent at a moment, to the minute; at once where that has passed.

        One with a `name` takes the place of an earlier one to this queue with that name, and can be cancelled
        by it, until it was sent. Raises `ValueError` for a moment without a time zone.
        """
        if when.tzinfo is None:
            raise ValueError(f"{when} is at another moment in each time zone: give it one, `tzinfo=UTC`")
        return self._put_off(_due=when, _name=name)

    def after(self, wait: timedelta) -> Self:
        """The same, to be taken no earlier than after `wait`, 15 minutes at most.

        Raises `ValueError` beyond. A queue that keeps order has no message that waits by itself.
        """
        if not timedelta() <= wait <= LONGEST_WAIT:
            help = "for longer, send it `at` a moment"
            raise ValueError(f"a message waits from 0 to 15 minutes, not {wait}: {help}")
        return self._put_off(_wait=wait)

    def cancelled(self, name: str) -> Self:
        """Calls off what was put off by `at(..., name=name)`, if it was not sent yet."""
        return self._put_off(_name=name, _cancels=True)

    def _put_off(self, **how: Any) -> Self:
        put_off = copy(self)
        for name, value in how.items():
            setattr(put_off, name, value)
        return put_off


class Message(_Sendable):
    """A request for work that this service takes from one of its own queues.

    With `group`, a field, the queue keeps the order of the messages that have the same value of it (FIFO).
    Every message waits for `delay` first.
    """

    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            queue: str,
            version: int = 1,
            group: str | None = None,
            delay: timedelta = timedelta(),
        ) -> None: ...


class ForeignMessage(_Sendable):
    """A request for work to another service's queue. `group` is that of the queue's owner."""

    if TYPE_CHECKING:

        def __init_subclass__(
            cls, *, queue: str, service: str, version: int = 1, group: str | None = None
        ) -> None: ...


class Input(Shape):
    """A GraphQL input object."""

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, directives: Sequence[Directive] = ()) -> None: ...

    else:
        model_config = ConfigDict(alias_generator=camel, validate_by_name=True, validate_by_alias=True)


E = TypeVar("E", bound=Entity)


class Patch(Input, Generic[E]):
    """An input that changes an entity: a field left out leaves the value, null clears it.

    Example: `class EditTodo(Patch[Todo]): title: Title | Unset = UNSET`.
    """

    def apply(self, to: E) -> E:
        """Assign the fields that were given to `to`, and answer it."""
        given: dict[str, Any] = {
            name: value for name, value in vars(self).items() if not isinstance(value, Unset)
        }
        for name, value in given.items():
            setattr(to, name, value)
        return to


__all__ = [
    "AwsEvent",
    "Declared",
    "Entity",
    "Event",
    "Foreign",
    "ForeignEvent",
    "ForeignMessage",
    "Input",
    "Interface",
    "Message",
    "Patch",
    "Shape",
    "Value",
    "camel",
    "created",
    "updated",
]
