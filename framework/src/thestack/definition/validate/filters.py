"""That a consumer's filter is of what it hears, and can be said to the bus."""

from collections.abc import Iterator
from typing import Any

from thestack.definition.annotations import argument_of
from thestack.definition.conditions import Filter
from thestack.definition.model import ConsumerModel, EventModel, ServiceModel
from thestack.definition.patterns import Unsayable, data_pattern
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest

WHERE = Part("decorator", "where")
IN_THE_HANDLER = "Delete it, and look at the event in the handler."


def validate_filters(model: ServiceModel) -> Iterator[Diagnostic]:
    """A filter is of the one event that is heard, and of its fields."""
    events = {each.type: each for each in (*model.events, *model.foreign_events)}
    for consumer in model.consumers:
        if consumer.where is None:
            continue
        if len(consumer.reads) > 1:
            message = f"a filter is of one event, and {consumer.name} hears {len(consumer.reads)}"
            yield Diagnostic("S0611", message, consumer.handler.site, WHERE, IN_THE_HANDLER)
            continue
        (heard,) = consumer.reads
        filtered = argument_of(type(consumer.where), Filter)
        if filtered is not heard:
            of = getattr(filtered, "__name__", "nothing")
            message = f"this filters {of}, and {consumer.name} hears {heard.__name__}"
            help = f"Delete it, or write a filter of what is heard: `class X(Filter[{heard.__name__}])`."
            yield Diagnostic("S0611", message, consumer.handler.site, WHERE, help)
            continue
        yield from _conditions(consumer, events[heard])


def _conditions(consumer: ConsumerModel, event: EventModel) -> Iterator[Diagnostic]:
    where: Filter[Any] = consumer.where
    fields = {field.name: field for field in event.fields}
    strange = [name for name in vars(where) if name not in fields]
    for name in strange:
        message = f"{event.type.__name__} has no field `{name}`"
        site = type(where).__declared__.site  # type: ignore[attr-defined]
        yield Diagnostic("S0611", message, site, Part("field name", name), nearest(name, fields))
    if strange:
        return
    try:
        data_pattern(where, fields)
    except Unsayable as unsayable:
        message = f"no rule of the bus says what this does of the field {unsayable.field}: {unsayable.why}"
        yield Diagnostic("S0612", message, consumer.handler.site, WHERE, IN_THE_HANDLER)
