"""What type checkers know of a decorator: which functions it takes. All return them unchanged."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Concatenate, ParamSpec, Protocol, TypeVar, overload

from thestack.definition.any_event import AnyEvent
from thestack.definition.hooks import HookRequest, HookResponse
from thestack.definition.shapes import (
    AwsEvent,
    Entity,
    Event,
    Foreign,
    ForeignEvent,
    ForeignMessage,
    Interface,
    Message,
    Value,
)

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Awaitable[object]])
G = TypeVar("G", bound=Callable[..., object])
Parent = TypeVar("Parent", bound="Entity | Foreign | Value | Interface")
Ev = TypeVar("Ev", bound="Event | ForeignEvent")
AnEvent = Event | ForeignEvent | AwsEvent | AnyEvent
Heard = TypeVar("Heard", bound="AnEvent | Sequence[AnEvent]")
M = TypeVar("M", bound="Message | ForeignMessage | Sequence[Message | ForeignMessage]")


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
        self, handler: Callable[Concatenate[Heard, P], Awaitable[None]], /
    ) -> Callable[Concatenate[Heard, P], Awaitable[None]]: ...


class KeepEventOf(Protocol[Ev]):
    """Decorates a consumer of the events that a filter is of."""

    @overload
    def __call__(
        self, handler: Callable[Concatenate[Ev, P], Awaitable[None]], /
    ) -> Callable[Concatenate[Ev, P], Awaitable[None]]: ...

    @overload
    def __call__(
        self, handler: Callable[Concatenate[Sequence[Ev], P], Awaitable[None]], /
    ) -> Callable[Concatenate[Sequence[Ev], P], Awaitable[None]]: ...


class KeepMap(Protocol):
    """Decorates a function from an event to what subscribers are told."""

    def __call__(
        self, handler: Callable[Concatenate[Ev, P], Awaitable[R]], /
    ) -> Callable[Concatenate[Ev, P], Awaitable[R]]: ...


class KeepMessage(Protocol):
    """Decorates a consumer of a queue."""

    def __call__(
        self, handler: Callable[Concatenate[M, P], Awaitable[None]], /
    ) -> Callable[Concatenate[M, P], Awaitable[None]]: ...


class KeepTimer(Protocol):
    """Decorates what is done by the clock."""

    def __call__(self, handler: Callable[P, Awaitable[None]], /) -> Callable[P, Awaitable[None]]: ...


class KeepHook(Protocol):
    """Decorates what answers plain HTTP."""

    def __call__(
        self, handler: Callable[Concatenate[HookRequest, P], Awaitable[HookResponse]], /
    ) -> Callable[Concatenate[HookRequest, P], Awaitable[HookResponse]]: ...


class KeepProvider(Protocol):
    """A decorator that returns the provider unchanged."""

    def __call__(self, provider: G, /) -> G: ...
