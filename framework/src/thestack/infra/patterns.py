"""The pattern of the rule that feeds a consumer: what it hears, and the filter that it holds."""

from typing import Any

from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.definition.patterns import data_pattern


def rule_pattern(model: ServiceModel, consumer: ConsumerModel) -> dict[str, Any]:
    """What the bus hands to the consumer.

    A filter is of the version that the consumer takes: what comes in another one is handed over, for the
    consumer to upcast and judge, or to reject with the reason.
    """
    heard = {
        "source": sorted({source for source, _ in consumer.hears}),
        "detail-type": sorted({name for _, name in consumer.hears}),
    }
    if consumer.where is None:
        return heard
    event = next(each for each in (*model.events, *model.foreign_events) if each.type in consumer.reads)
    data = data_pattern(consumer.where, {field.name: field for field in event.fields})
    if not data:
        return heard
    other = {"dataversion": [{"anything-but": [event.version]}]}
    return heard | {"detail": {"$or": [{"data": data}, other]}}
