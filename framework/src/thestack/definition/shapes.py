"""The shapes of a definition: entities, events, messages, inputs, and what others own.

Type checkers see plain dataclass-like classes whose class keywords are checked; at run time the shapes are
pydantic models
that record what was declared and never raise for it: mistakes become diagnostics, all at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, dataclass_transform

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr
from typing_extensions import TypeVar

from thestack.definition.indexes import Index, Key
from thestack.definition.rules import Rule
from thestack.definition.scalars import Unset
from thestack.diagnostics.site import Site, caller_site


@dataclass(frozen=True, slots=True)
class Declared:
    """What a class statement said: its keywords, and where it stands."""

    keywords: Mapping[str, Any]
    site: Site


if TYPE_CHECKING:

    @dataclass_transform(kw_only_default=True, field_specifiers=(Field,))
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
        )
        __declared__: ClassVar[Declared]

        def __init_subclass__(cls, **keywords: Any) -> None:
            super().__init_subclass__()
            cls.__declared__ = Declared(keywords, caller_site(cls.__name__))

        @classmethod
        def __pydantic_init_subclass__(cls, **keywords: Any) -> None:
            """The keywords are ours; pydantic need not know them."""


class Entity(Shape):
    """Something the service owns, stores and answers.

    `key` names a row; `owner` is the field with the id of the user to whom it belongs; `refs` are the
    federation keys (by default the key);
    `allow` says who may read it, on every path: by default its owner, if it has one.

    An entity is a draft until it is put: assign its fields, then `await mine.put(todo)`.
    """

    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            key: Key | str = "id",
            owner: str | None = None,
            refs: Sequence[Key | str] = (),
            allow: Rule | None = None,
        ) -> None: ...

    else:
        _version: int | None = PrivateAttr(default=None)


class Foreign(Shape):
    """An entity that another service owns, by the fields that refer to it.

    Its class name is its GraphQL type.
    """

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, service: str, key: Key | str = "id") -> None: ...


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


class Message(Shape):
    """A request for work that this service takes from one of its own queues."""

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, queue: str) -> None: ...


class ForeignMessage(Shape):
    """A request for work to another service's queue."""

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, queue: str, service: str) -> None: ...


def camel(name: str) -> str:
    """`created_at` -> `createdAt`: from Python's and storage's names to GraphQL's."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


class Input(Shape):
    """A GraphQL input object."""

    if not TYPE_CHECKING:
        model_config = ConfigDict(alias_generator=camel, validate_by_name=True, validate_by_alias=True)


E = TypeVar("E", bound=Entity)
T = TypeVar("T")


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


class OneOf(Input, Generic[T]):
    """A filter's condition on one field: equal to `eq`, or to one of `any_of`."""

    eq: T | None = None
    any_of: list[T] | None = None

    def admits(self, value: object) -> bool:
        """Whether `value` satisfies every condition that was given."""
        return (self.eq is None or value == self.eq) and (self.any_of is None or value in self.any_of)


class Filter(Input, Generic[E]):
    """Conditions on an entity's fields, each a `OneOf`; all must hold."""

    def admits(self, entity: E) -> bool:
        """Whether the entity satisfies every condition that was given."""
        conditions: dict[str, OneOf[Any] | None] = vars(self)
        return all(test is None or test.admits(getattr(entity, name)) for name, test in conditions.items())


__all__ = [
    "Declared",
    "Entity",
    "Event",
    "Filter",
    "Foreign",
    "ForeignEvent",
    "ForeignMessage",
    "Input",
    "Message",
    "OneOf",
    "Patch",
    "Shape",
    "camel",
]
