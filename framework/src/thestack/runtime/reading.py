"""What a consumer is handed, read from an envelope in whatever version it came."""

from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from thestack.definition.any_event import AnyEvent
from thestack.definition.event_patterns import admits
from thestack.definition.model import (
    AwsEventModel,
    ConsumerModel,
    EventModel,
    MessageModel,
    ServiceModel,
    Trigger,
    UpcasterModel,
)
from thestack.definition.problems import Reject
from thestack.definition.shapes import AwsEvent, ForeignEvent
from thestack.definition.tolerance import tolerantly
from thestack.ports import Envelope


def handed(service: ServiceModel, consumer: ConsumerModel, envelope: Envelope) -> tuple[Any, ...]:
    """What the handler is handed: the event or message; a timer nothing. Raises `Reject` as `read` does."""
    if consumer.hears_all:
        return (_any(envelope),)
    if consumer.trigger is not Trigger.TIME:
        return (read(service, consumer, envelope),)
    if (envelope.source, envelope.type) not in consumer.hears:
        raise Reject(f"`{consumer.name}` is a timer, and not woken by {envelope.type} of {envelope.source}.")
    return ()


def read(service: ServiceModel, consumer: ConsumerModel, envelope: Envelope) -> Any:
    """The typed event or message, of the class that the consumer takes. Raises `Reject` for what no retry can
    mend.
    """
    model = heard_model(service, consumer, envelope)
    if model is None:
        raise Reject(f"`{consumer.name}` does not hear {envelope.type} of {envelope.source}.")
    if envelope.version == model.version:
        return _parsed(model.type, envelope)
    if isinstance(model, AwsEventModel):
        raise Reject(f"{envelope.type} of {envelope.source} came in version {envelope.version}, of one.")
    path = path_between(service, model, envelope.version)
    if not path:
        came = f"{envelope.type} came in version {envelope.version}"
        raise Reject(f"{came}; this service reads {model.version}, and has no upcaster to it.")
    given = _parsed(path[0].reads, envelope)
    for upcaster in path:
        try:
            given = upcaster.function(given)
        except Exception as wrong:
            made = f"`{upcaster.function.__name__}` can't make version {upcaster.newer} of {envelope.type}"
            raise Reject(f"{made}: {type(wrong).__name__}: {wrong}") from wrong
    return given


def hears(service: ServiceModel, consumer: ConsumerModel, envelope: Envelope) -> bool:
    """Whether bus and queues hand the envelope to the consumer."""
    if consumer.trigger is Trigger.TIME:
        return (envelope.source, envelope.type) in consumer.hears
    if consumer.hears_all:  # messages have an address, and what AWS says is about nothing of ours
        return "/" not in envelope.type and bool(envelope.subject)
    return heard_model(service, consumer, envelope) is not None


def placed(envelope: Envelope, given: tuple[Any, ...]) -> Envelope:
    """The envelope in the tenant of what was read of it: what AWS says names that itself, if any. Raises
    `Reject` where there is none.
    """
    if not given or not isinstance(given[0], AwsEvent):
        return envelope
    try:
        tenant = given[0].tenant or envelope.tenant
    except Exception as wrong:
        said = f"{envelope.type} of {envelope.source} says no tenant"
        raise Reject(f"{said}: {type(wrong).__name__}: {wrong}") from wrong
    if not tenant:
        raise Reject(f"{envelope.type} says no tenant, and the environment has no default.")
    return replace(envelope, tenant=tenant)


def heard_model(
    service: ServiceModel, consumer: ConsumerModel, envelope: Envelope
) -> EventModel | AwsEventModel | MessageModel | None:
    """What the consumer takes the envelope's event or message as; None if it does not hear it."""
    if consumer.trigger is Trigger.MESSAGE:
        messages = (*service.messages, *service.foreign_messages)
        return next((m for m in messages if m.address == envelope.type and m.type in consumer.reads), None)
    events: tuple[EventModel | AwsEventModel, ...]
    events = (*service.events, *service.foreign_events, *service.aws_events)
    said = (envelope.source, envelope.type)
    heard = (e for e in events if (e.source, e.name) == said and e.type in consumer.reads)
    return next((e for e in heard if isinstance(e, EventModel) or admits(e.pattern, envelope.data)), None)


def path_between(
    service: ServiceModel, model: EventModel | MessageModel, version: int
) -> tuple[UpcasterModel, ...]:
    """The upcasters from a version to that of the model, in order; none where there is no way."""
    name, source = (
        (model.address, model.service) if isinstance(model, MessageModel) else (model.name, model.source)
    )
    steps = {each.older: each for each in service.upcasters if (each.name, each.source) == (name, source)}
    path: list[UpcasterModel] = []
    while version < model.version and version in steps:
        path.append(steps[version])
        version = steps[version].newer
    return tuple(path) if version == model.version else ()


def _parsed(shape: type[Any], envelope: Envelope) -> Any:
    try:
        # What others say is read as far as it is known; of one's own everything is.
        if issubclass(shape, ForeignEvent | AwsEvent):
            return tolerantly(shape, envelope.data)
        return shape.model_validate(dict(envelope.data))
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Reject(f"{envelope.type} is malformed: {where}: {first['msg']}.") from None


def _any(envelope: Envelope) -> AnyEvent:
    return AnyEvent(
        envelope.id,
        envelope.type,
        envelope.version,
        envelope.source,
        envelope.subject,
        envelope.time,
        envelope.tenant,
        envelope.data,
    )
