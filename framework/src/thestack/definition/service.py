"""The Service object: what a definition file hangs its handlers on. It records; it judges nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

from thestack.definition.model import Retry
from thestack.definition.rules import Rule
from thestack.definition.shapes import Entity, Event, Foreign, ForeignEvent, ForeignMessage, Message
from thestack.diagnostics.site import Site, caller_site

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Awaitable[object]])
Parent = TypeVar("Parent", bound="Entity | Foreign")
Ev = TypeVar("Ev", bound="Event | ForeignEvent")
M = TypeVar("M", bound="Message | ForeignMessage")
TRY_THRICE = Retry()


class Keep(Protocol):
    """A decorator that returns the handler unchanged."""

    def __call__(self, handler: F, /) -> F: ...


class KeepField(Protocol):
    """Decorates a function of one parent."""

    def __call__(
        self, handler: Callable[Concatenate[Parent, P], Awaitable[R]], /
    ) -> Callable[Concatenate[Parent, P], Awaitable[R]]: ...


class KeepBatchField(Protocol):
    """Decorates a function of many parents, which answers one value for each."""

    def __call__(
        self, handler: Callable[Concatenate[Sequence[Parent], P], Awaitable[Sequence[R]]], /
    ) -> Callable[Concatenate[Sequence[Parent], P], Awaitable[Sequence[R]]]: ...


class KeepEvent(Protocol):
    """Decorates a consumer of events."""

    def __call__(
        self, handler: Callable[Concatenate[Ev, P], Awaitable[None]], /
    ) -> Callable[Concatenate[Ev, P], Awaitable[None]]: ...


class KeepMessage(Protocol):
    """Decorates a consumer of a queue."""

    def __call__(
        self, handler: Callable[Concatenate[M, P], Awaitable[None]], /
    ) -> Callable[Concatenate[M, P], Awaitable[None]]: ...


HandlerKind = Literal["query", "mutation", "field", "batch_field", "on", "queue"]
CrudVerb = Literal["get", "delete"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One decorated function, as written."""

    kind: HandlerKind
    function: Callable[..., Any]
    site: Site
    allow: Rule | None = None
    retry: Retry = field(default_factory=Retry)


@dataclass(frozen=True, slots=True)
class RecordedCrud:
    """One call of `service.crud`."""

    entity: type[Entity]
    only: tuple[CrudVerb, ...]
    allow: Rule | None
    site: Site


class Service:
    """A service: what its definition file declares. `page` is the default and the largest length of a list's
    page.

    Example:

        service = Service("todo", page=(20, 100))

        @service.query(allow=signed_in)
        async def todos(page: Page, *, mine: Owned[Todo]) -> Connection[Todo]:
            return await mine.page(Todo.by_created, page)
    """

    def __init__(self, name: str, *, page: tuple[int, int] = (20, 100)) -> None:
        self.name, self.page = name, page
        self.site = caller_site(name)
        self.recorded: list[Recorded] = []
        self.recorded_cruds: list[RecordedCrud] = []

    def query(self, *, allow: Rule | None = None) -> Keep:
        """A field of Query, named as the function in camelCase, described by its docstring."""
        return self._keep("query", allow)

    def mutation(self, *, allow: Rule | None = None) -> Keep:
        """A field of Mutation: one transaction, committed when the function returns."""
        return self._keep("mutation", allow)

    def field(self, *, allow: Rule | None = None) -> KeepField:
        """A computed field of the type of the first parameter, of this service or of another."""
        return self._keep("field", allow)

    def batch_field(self, *, allow: Rule | None = None) -> KeepBatchField:
        """The same for all parents of one answer in a single call."""
        return self._keep("batch_field", allow)

    def on(self, *, retry: Retry = TRY_THRICE) -> KeepEvent:
        """A consumer of the event of its first parameter, or of several (`A | B`), by a queue of its own."""
        return self._keep("on", None, retry)

    def queue(self, *, retry: Retry = TRY_THRICE) -> KeepMessage:
        """The consumer of the queue of the message that is its first parameter."""
        return self._keep("queue", None, retry)

    def crud(
        self, entity: type[Entity], *, allow: Rule | None = None, only: Sequence[CrudVerb] = ("get", "delete")
    ) -> None:
        """Generate operations on the caller's own rows: `todo(id)` and `deleteTodo(id)`."""
        self.recorded_cruds.append(RecordedCrud(entity, tuple(only), allow, caller_site(entity.__name__)))

    def _keep(self, kind: HandlerKind, allow: Rule | None, retry: Retry = TRY_THRICE) -> Callable[[Any], Any]:
        site = caller_site()

        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            where = Site(site.file, site.line, function.__name__)
            self.recorded.append(Recorded(kind, function, where, allow, retry))
            return function

        return keep
