"""The Service object: what a definition file hangs its handlers on. It records; it judges nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypeVar, overload

from thestack.definition.conditions import Filter
from thestack.definition.decorators import (
    Keep,
    KeepBatchField,
    KeepEvent,
    KeepEventOf,
    KeepField,
    KeepHook,
    KeepMap,
    KeepMessage,
    KeepProvider,
    KeepTimer,
)
from thestack.definition.directives import Directive
from thestack.definition.options import MAXIMUM_HOPS, Function, Permission, Retry
from thestack.definition.rules import Rule
from thestack.definition.shapes import Entity, Event, ForeignEvent, ForeignMessage, Message
from thestack.diagnostics.site import Site, caller_site

Ev = TypeVar("Ev", bound="Event | ForeignEvent")
Older = TypeVar("Older", bound="Event | ForeignEvent | Message | ForeignMessage")
Newer = TypeVar("Newer", bound="Event | ForeignEvent | Message | ForeignMessage")
TRY_THRICE = Retry()
AS_THE_ENVIRONMENT = Function()
AT_ONCE = timedelta()


HandlerKind = Literal[
    "query",
    "mutation",
    "subscription",
    "field",
    "batch_field",
    "on",
    "queue",
    "timer",
    "hook",
    "upcast",
    "provide",
]
HookMethod = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
ALL_METHODS: tuple[HookMethod, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")
CrudVerb = Literal["get", "list", "create", "update", "delete"]
ALL_VERBS: tuple[CrudVerb, ...] = ("get", "list", "create", "update", "delete")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One decorated function, as written. `options` are the decorator's further keywords."""

    kind: HandlerKind
    function: Callable[..., Any]
    site: Site
    allow: Rule | None = None
    retry: Retry = field(default_factory=Retry)
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class RecordedCrud:
    """One call of `service.crud`."""

    entity: type[Entity]
    only: tuple[CrudVerb, ...]
    allow: Rule | None
    site: Site


class Part:
    """A part of a service, in a file of its own: `service.include(part)` makes it one with the rest."""

    def __init__(self) -> None:
        self.site = caller_site()
        self.recorded: list[Recorded] = []
        self.recorded_cruds: list[RecordedCrud] = []

    def query(self, *, allow: Rule | None = None, directives: Sequence[Directive] = ()) -> Keep:
        """A field of Query, named as the function in camelCase, described by its docstring."""
        return self._keep("query", allow, directives=directives)

    def mutation(self, *, allow: Rule | None = None, directives: Sequence[Directive] = ()) -> Keep:
        """A field of Mutation: one transaction, committed when the function returns."""
        return self._keep("mutation", allow, directives=directives)

    def subscription(self, *, allow: Rule | None = None, directives: Sequence[Directive] = ()) -> KeepMap:
        """A field of Subscription: what those who subscribed are told of the event of the first parameter.

        None tells them nothing. The function keeps no state: it is called anew for each event and subscriber.
        """
        return self._keep("subscription", allow, directives=directives)

    def field(self, *, allow: Rule | None = None, directives: Sequence[Directive] = ()) -> KeepField:
        """A computed field of the type of the first parameter, of this service or of another."""
        return self._keep("field", allow, directives=directives)

    def batch_field(
        self, *, allow: Rule | None = None, directives: Sequence[Directive] = ()
    ) -> KeepBatchField:
        """The same for all parents of one answer in a single call."""
        return self._keep("batch_field", allow, directives=directives)

    @overload
    def on(
        self,
        *,
        where: Filter[Ev],
        retry: Retry = ...,
        batch: int = ...,
        window: timedelta = ...,
        concurrency: int | None = ...,
        function: Function = ...,
        cyclic: bool = ...,
    ) -> KeepEventOf[Ev]: ...

    @overload
    def on(
        self,
        *,
        retry: Retry = ...,
        batch: int = ...,
        window: timedelta = ...,
        concurrency: int | None = ...,
        function: Function = ...,
        cyclic: bool = ...,
    ) -> KeepEvent: ...

    def on(
        self,
        *,
        where: Filter[Any] | None = None,
        retry: Retry = TRY_THRICE,
        batch: int = 10,
        window: timedelta = AT_ONCE,
        concurrency: int | None = None,
        function: Function = AS_THE_ENVIRONMENT,
        cyclic: bool = False,
    ) -> Any:
        """A consumer of the event of its first parameter, or of several (`A | B`), by a queue of its own.

        With `where` only events that satisfy it are heard; the bus itself leaves out the others. At most
        `batch` are taken at once, waited for up to `window`, by at most `concurrency` functions. `cyclic`
        says that what it causes may come back to it, and that this is meant.
        """
        return self._keep(
            "on",
            None,
            retry,
            where=where,
            batch=batch,
            window=window,
            concurrency=concurrency,
            function=function,
            cyclic=cyclic,
        )

    def queue(
        self,
        *,
        retry: Retry = TRY_THRICE,
        batch: int = 10,
        window: timedelta = AT_ONCE,
        concurrency: int | None = None,
        visibility: timedelta | None = None,
        function: Function = AS_THE_ENVIRONMENT,
        cyclic: bool = False,
        hops: int = MAXIMUM_HOPS,
    ) -> KeepMessage:
        """The consumer of the queue of the message that is its first parameter.

        `visibility` is how long a message that was taken is hidden from others: at least, and by default, six
        times the function's timeout. `hops` is how many handlers may have followed from one cause when this
        one still says something: more than 16 for what sends itself the next part of a long work. For the
        rest see `on`.
        """
        return self._keep(
            "queue",
            None,
            retry,
            batch=batch,
            window=window,
            concurrency=concurrency,
            visibility=visibility,
            function=function,
            cyclic=cyclic,
            hops=hops,
        )

    def every(
        self, interval: timedelta, *, retry: Retry = TRY_THRICE, function: Function = AS_THE_ENVIRONMENT
    ) -> KeepTimer:
        """What is done again and again: `@service.every(timedelta(hours=1))`. It runs for the environment's
        default tenant, once for each moment, however often it is tried.
        """
        return self._keep("timer", None, retry, interval=interval, function=function)

    def cron(
        self,
        expression: str,
        *,
        zone: str = "UTC",
        retry: Retry = TRY_THRICE,
        function: Function = AS_THE_ENVIRONMENT,
    ) -> KeepTimer:
        """What is done at moments of a calendar, in a time zone, with its summer time:
        `@service.cron("0 9 ? * MON-FRI *", zone="Europe/Berlin")`. The fields are EventBridge's: minutes,
        hours, day of month, month, day of week, year.
        """
        return self._keep("timer", None, retry, expression=expression, zone=zone, function=function)

    def hook(
        self,
        name: str,
        *,
        methods: Sequence[HookMethod] = ("POST",),
        allow: Rule | None = None,
        function: Function = AS_THE_ENVIRONMENT,
    ) -> KeepHook:
        """A door for plain HTTP, `/public/hooks/<tenant>/<service>/<name>` of the API: for links in mails,
        and for what other systems call back.

        Nobody signs in at it, so it is `public`, and the handler believes what is signed. It is one
        transaction. A body has at most 64 KiB.
        """
        return self._keep("hook", allow, name=name, methods=methods, function=function)

    def upcast(self, function: Callable[[Older], Newer]) -> Callable[[Older], Newer]:
        """Reads an older version of an event or a message as a newer one: a plain function from one class to
        the other, which a consumer of the newer one then hears in both versions.
        """
        self._record("upcast", function)
        return function

    def provide(self, *, permissions: Sequence[Permission] = ()) -> KeepProvider:
        """What makes a port of this service's own: handlers ask for the class that the function answers.

        It is called once in a function's life, when it is first asked for, and may ask itself for secrets,
        the clock and other ports. Each function whose handlers ask for it has its `permissions`.
        """
        return self._keep("provide", None, permissions=permissions)

    def crud(
        self, entity: type[Entity], *, allow: Rule | None = None, only: Sequence[CrudVerb] = ALL_VERBS
    ) -> None:
        """Generate operations on the caller's own rows: `todo(id)`, `todos(where, order, first, after)`,
        `createTodo(input)`, `updateTodo(id, input)` and `deleteTodo(id)`.

        An operation of the same name that is written out takes the place of the generated one.
        """
        self.recorded_cruds.append(RecordedCrud(entity, tuple(only), allow, caller_site(entity.__name__)))

    def _keep(
        self, kind: HandlerKind, allow: Rule | None, retry: Retry = TRY_THRICE, **options: Any
    ) -> Callable[[Any], Any]:
        site = caller_site()

        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            where = Site(site.file, site.line, function.__name__)
            self.recorded.append(Recorded(kind, function, where, allow, retry, options))
            return function

        return keep

    def _record(self, kind: HandlerKind, function: Callable[..., Any]) -> None:
        site = caller_site()
        self.recorded.append(Recorded(kind, function, Site(site.file, site.line, function.__name__)))


class Service(Part):
    """A service: what its definition file declares. `page` is the default and the largest length of a list's
    page; `function` what its subgraph's function is given beyond the environment's defaults.

    Example:

        service = Service("todo", page=(20, 100))

        @service.query(allow=signed_in)
        async def todos(page: Page, *, mine: Owned[Todo]) -> Connection[Todo]:
            return await mine.page(Todo.by_created, page)
    """

    def __init__(
        self, name: str, *, page: tuple[int, int] = (20, 100), function: Function = AS_THE_ENVIRONMENT
    ) -> None:
        super().__init__()
        self.name, self.page, self.function = name, page, function
        self.site = caller_site(name)
        self.parts: list[Part] = []

    def include(self, *parts: Part) -> None:
        """Take in what other modules of the service define."""
        self.parts += parts
        for part in parts:
            self.recorded += part.recorded
            self.recorded_cruds += part.recorded_cruds
