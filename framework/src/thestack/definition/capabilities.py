"""What a handler may ask for after the `*`:
typed capabilities, from which grants and contracts are derived.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Never, Protocol

from typing_extensions import TypeVar

from thestack.definition.conditions import Filter
from thestack.definition.indexes import Access
from thestack.definition.pages import Connection, Page
from thestack.definition.scalars import Id
from thestack.definition.shapes import Entity, Event, ForeignMessage, Message

E = TypeVar("E", bound=Entity)
E_co = TypeVar("E_co", bound=Entity, covariant=True)
W = TypeVar("W")
T = TypeVar("T")
Part = str | int | date | Enum
"""A value that may be a part of a key."""
Out = TypeVar("Out", bound="Event | Message | ForeignMessage", default=Never, contravariant=True)


class Rows(Protocol[E, Out]):
    """The rows of one partition of an entity.

    Writes and what they emit are staged, and committed when the handler returns.
    """

    async def get(self, *key: Part) -> E:
        """The row with this key, with what was staged before. Raises `NotFound`.

        A key of several fields is given without those that narrowed the rows.
        """
        ...

    async def find(self, *key: Part) -> E | None:
        """The row with this key, or None."""
        ...

    async def find_all(self, keys: Sequence[Part | tuple[Part, ...]]) -> list[E | None]:
        """The row with each of these keys, or None, in order, in as few requests as there can be.

        A key of several fields is given as a tuple.
        """
        ...

    async def page(
        self, by: Access[E, W] | None = None, page: Page | None = None, *, where: Filter[E] | None = None
    ) -> Connection[E]:
        """A page of the rows in the order of an index, or of the key.

        Without `where` the page is exact. With it the page is filled within a budget of rows read; past that
        it is short, says
        that there is more and where to go on. What is staged and not yet committed is not in it.
        """
        ...

    def each(self, by: Access[E, W]) -> AsyncIterator[E]:
        """All the rows of a range, read as they are asked for."""
        ...

    async def put(self, entity: E, *, emit: Out | Sequence[Out] | None = None) -> E:
        """Stage the entity: new if it was made here, else changed;
        a row that changed meanwhile ends the commit with `Conflict`.
        """
        ...

    async def add(self, delta: E) -> None:
        """Stage the addition of the delta's counters to the row with its key, which comes into being if need
        be. Never a conflict.
        """
        ...

    async def delete(self, entity: E, *, emit: Out | Sequence[Out] | None = None) -> None:
        """Stage the deletion of the row, if it is as it was read."""
        ...

    async def restore(self, *key: Part, emit: Out | Sequence[Out] | None = None) -> E:
        """Stage the return of a row that was deleted, of an entity with `soft_delete`. Raises `NotFound`."""
        ...


class Owned(Rows[E, Out], Protocol[E, Out]):
    """The caller's own rows of an entity, and what may be emitted with them:
    `mine: Owned[Todo, TodoCompleted | SendEmail]`.
    """


class Store(Protocol[E, Out]):
    """All rows of an entity in the tenant; narrow it before use."""

    def owned_by(self, owner: Id) -> Owned[E, Out]:
        """The rows of one user."""
        ...

    def within(self, *partition: Part) -> Rows[E, Out]:
        """The rows of one partition: the values of the key's fields but the last."""
        ...


class Reader(Protocol[E_co]):
    """The rows of an entity that the caller may read by its `allow`, whoever owns them."""

    async def get(self, *key: Part) -> E_co:
        """The row with this key. Raises `NotFound`, also where the caller may not read it."""
        ...


class Collection(Protocol[E_co]):
    """The rows of several entities that lie beside each other: `cart: Collection[Order | Line]`."""

    async def within(self, *partition: Part) -> Sequence[E_co]:
        """All rows of one partition, in the order of their places, read by one query."""
        ...


class Caller(Protocol):
    """Who is calling."""

    @property
    def id(self) -> Id:
        """The user's id."""
        ...

    @property
    def tenant(self) -> str:
        """The tenant whose data the user sees."""
        ...

    @property
    def groups(self) -> frozenset[str]:
        """The groups of the identity provider that the user is in."""
        ...


class Once(Protocol):
    """Runs an effect that no transaction can hold, once for a key.

    An effect that raises may be tried again. A crash between the effect and its record leaves one window in
    which it is
    repeated, once; after a second crash the key is refused with `Unconfirmed`, for a person to look at.
    """

    async def __call__(self, key: str, effect: Callable[[], Awaitable[str]], *, shared: bool = False) -> str:
        """The effect's answer: of this run, or as recorded by an earlier one.

        A key is the message's own; `shared`, it is one for all messages of the service in the tenant. Where
        another of them is just at it, this raises `Conflict`.
        """
        ...


class Links(Protocol):
    """Makes links to this service's own hooks, for those who read them elsewhere: in an e-mail, say."""

    @property
    def tenant(self) -> str:
        """The tenant that they lead to, which stands in them for anybody to change: sign it with the rest."""
        ...

    def hook(self, name: str, **query: str) -> str:
        """The whole URL of a hook, with these parameters: `links.hook("unsubscribe", token=token)`."""
        ...


class Secret(Protocol):
    """A value that is kept outside the code, in a parameter or a secret: see `parameter` and `secret`."""

    async def value(self) -> str:
        """The value, fetched when it is first needed, and anew once the copy is five minutes old."""
        ...

    async def refresh(self) -> str:
        """The value, fetched anew: after it was refused, because it was rotated, say."""
        ...


@dataclass(frozen=True, slots=True)
class SecretMark:
    """Where a `Secret` is kept: what `parameter` and `secret` put into an annotation."""

    name: str
    manager: bool


def parameter(name: str) -> SecretMark:
    """A SecureString of SSM's parameter store, `/<environment>/<service>/<name>`:
    `key: Annotated[Secret, parameter("stripe-key")]`.
    """
    return SecretMark(name, False)


def secret(name: str) -> SecretMark:
    """A secret of Secrets Manager, `<environment>/<service>/<name>`:
    `key: Annotated[Secret, secret("stripe-key")]`. It costs while it is idle, and can be rotated by itself.
    """
    return SecretMark(name, True)


class RequiresMark:
    """Marks a dependency that is a field of the parent, which another subgraph resolves."""


Requires = Annotated[T, RequiresMark()]
"""A field of the parent that another subgraph resolves, and the router fetches first:
`async def shipping(product: Product, /, *, weight: Requires[int]) -> int`.
"""
