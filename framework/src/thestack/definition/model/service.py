"""The whole of a service."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from thestack.definition.model.buckets import BucketModel
from thestack.definition.model.handlers import (
    ComputedFieldModel,
    ConsumerModel,
    HandlerModel,
    HookModel,
    OperationModel,
    ProviderModel,
    SubscriptionModel,
    Trigger,
)
from thestack.definition.model.shapes import (
    AwsEventModel,
    EntityModel,
    EventModel,
    ForeignModel,
    InputModel,
    InterfaceModel,
    MessageModel,
    UpcasterModel,
    ValueModel,
)
from thestack.definition.model.types import EnumModel, ProblemModel, ScalarModel, UnionModel
from thestack.definition.options import Function, Retry
from thestack.diagnostics.site import Site

TELLING = "subscriptions"
"""The name of the consumer and the queue by which a service's subscribers are told."""


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """A whole service. See the package's docstring."""

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
    interfaces: tuple[InterfaceModel, ...] = ()
    values: tuple[ValueModel, ...] = ()
    unions: tuple[UnionModel, ...] = ()
    problems: tuple[ProblemModel, ...] = ()
    scalars: tuple[ScalarModel, ...] = ()
    subscriptions: tuple[SubscriptionModel, ...] = ()
    upcasters: tuple[UpcasterModel, ...] = ()
    providers: tuple[ProviderModel, ...] = ()
    aws_events: tuple[AwsEventModel, ...] = ()
    buckets: tuple[BucketModel, ...] = ()
    function: Function = field(default_factory=Function)
    hooks: tuple[HookModel, ...] = ()

    def entity(self, name: str) -> EntityModel:
        return next(entity for entity in self.entities if entity.name == name)

    def bucket(self, name: str) -> BucketModel:
        return next(bucket for bucket in self.buckets if bucket.name == name)

    def provider(self, name: str) -> ProviderModel:
        return next(provider for provider in self.providers if provider.name == name)

    def hook(self, name: str) -> HookModel:
        return next(hook for hook in self.hooks if hook.name == name)

    def providers_of(self, handlers: Iterable[HandlerModel]) -> tuple[ProviderModel, ...]:
        """The providers of the ports that these handlers ask for, also through one another, each once."""
        found: dict[str, ProviderModel] = {}
        wanted = [each.port for handler in handlers for each in handler.dependencies]
        while wanted:
            port = wanted.pop()
            if port and port not in found:
                found[port] = self.provider(port)
                wanted += [each.port for each in found[port].dependencies]
        return tuple(found.values())

    def outgoing(self, shape: type[Any]) -> "EventModel | MessageModel | None":
        """The event or message, of those that may leave the service, whose type this is."""
        models: tuple[EventModel | MessageModel, ...] = (*self.events, *self.messages, *self.foreign_messages)
        return next((model for model in models if model.type is shape), None)

    def delay(self, consumer: ConsumerModel) -> timedelta:
        """How long the consumer's queue holds every message back."""
        delays = (each.delay for each in self.messages if each.type in consumer.reads)
        return max(delays, default=timedelta())

    @property
    def objects(self) -> "tuple[EntityModel | ForeignModel | ValueModel, ...]":
        """The object types: own entities, those of others that are referred to, values."""
        return (*self.entities, *self.referred, *self.values)

    @property
    def referred(self) -> tuple[ForeignModel, ...]:
        """The entities of others that are referred to, without the views of them."""
        return tuple(each for each in self.foreigns if each.view_of is None)

    def computed_of(
        self, shape: "EntityModel | ForeignModel | InterfaceModel | ValueModel"
    ) -> tuple[ComputedFieldModel, ...]:
        """The fields of a type that functions answer: its own, and those of its interfaces that it has no own
        of.
        """
        own = {each.graphql: each for each in self.computed if each.parent == shape.name}
        above = shape.interfaces if isinstance(shape, EntityModel | ValueModel) else ()
        shared = {
            each.graphql: replace(each, parent=shape.name) for each in self.computed if each.parent in above
        }
        return tuple((shared | own).values())

    @property
    def answered(self) -> "tuple[OperationModel | ComputedFieldModel, ...]":
        """Every field of the subgraph that a handler answers."""
        return (*self.operations, *self.computed)

    @property
    def handlers(self) -> tuple[HandlerModel, ...]:
        """Every handler of the service."""
        return tuple(self._handlers())

    @property
    def functions(self) -> tuple[Function, ...]:
        """What is said of each function: of the subgraph's, of each consumer's and of each hook's."""
        triggered = (*(each.function for each in self.consumers), *(each.function for each in self.hooks))
        return (self.function, *triggered)

    @property
    def answers(self) -> bool:
        """Whether the service is a subgraph."""
        return bool(self.operations or self.computed or self.entities or self.subscriptions)

    @property
    def telling(self) -> ConsumerModel | None:
        """The consumer that tells subscribers: one for all subscriptions, with a queue of its own."""
        if not self.subscriptions:
            return None
        computed = (part.handler for part in self.computed)
        parts = [*(part.handler for part in self.subscriptions), *computed]
        return ConsumerModel(
            TELLING,
            Trigger.EVENT,
            TELLING,
            tuple(sorted({each for part in self.subscriptions for each in part.hears})),
            replace(parts[0], dependencies=tuple(each for part in parts for each in part.dependencies)),
            Retry(),
            reads=tuple(dict.fromkeys(each for part in self.subscriptions for each in part.reads)),
        )

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

    def _handlers(self) -> Iterator[HandlerModel]:
        yield from (part.handler for part in self.answered)
        yield from (part.handler for part in self.subscriptions)
        yield from (consumer.handler for consumer in self.consumers)
        yield from (hook.handler for hook in self.hooks)
