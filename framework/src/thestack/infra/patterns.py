"""The patterns of the rules that feed a consumer: what it hears, and the filter that it holds."""

from collections.abc import Mapping
from typing import Any

from thestack.definition.event_patterns import filled
from thestack.definition.model import AwsEventModel, ConsumerModel, ServiceModel
from thestack.definition.names import stand_in
from thestack.definition.patterns import data_pattern

SAID_BY_THE_EMULATOR = frozenset({"aws.s3"})
"""The services of AWS whose events the emulator says itself."""


def rule_pattern(model: ServiceModel, consumer: ConsumerModel) -> dict[str, Any] | None:
    """What the environment's bus hands to the consumer; None where it hears nothing from there.

    A filter is of the version that the consumer takes: what comes in another one is handed over, for the
    consumer to upcast and judge, or to reject with the reason.
    """
    if consumer.hears_all:
        return {"detail": {"specversion": ["1.0"]}}
    by_aws = {(each.source, each.name) for each in model.aws_events if each.type in consumer.reads}
    by_services = set(consumer.hears) - by_aws
    if not by_services:
        return None
    heard = {
        "source": sorted({source for source, _ in by_services}),
        "detail-type": sorted({name for _, name in by_services}),
    }
    if consumer.where is None:
        return heard
    event = next(each for each in (*model.events, *model.foreign_events) if each.type in consumer.reads)
    data = data_pattern(consumer.where, {field.name: field for field in event.fields})
    if not data:
        return heard
    other = {"dataversion": [{"anything-but": [event.version]}]}
    return heard | {"detail": {"$or": [{"data": data}, other]}}


def aws_pattern(
    model: ServiceModel, consumer: ConsumerModel, places: Mapping[str, str]
) -> dict[str, Any] | None:
    """What the account's default bus hands to the consumer, with the stack's own in the `places` of patterns;
    None where it hears nothing from there.
    """
    return _any_of([_said_by_aws(each, places) for each in _heard_of_aws(model, consumer)])


def stand_in_patterns(
    model: ServiceModel, consumer: ConsumerModel, places: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """By service of AWS, what the emulator's default bus hands to the consumer of what stands in for it."""
    heard: dict[str, list[dict[str, Any]]] = {}
    for each in _heard_of_aws(model, consumer):
        if each.source not in SAID_BY_THE_EMULATOR:
            pattern = _said_by_aws(each, places) | {"source": [stand_in(each.source)]}
            heard.setdefault(each.source, []).append(pattern)
    return {source: found for source in heard if (found := _any_of(heard[source]))}


def _heard_of_aws(model: ServiceModel, consumer: ConsumerModel) -> list[AwsEventModel]:
    return [each for each in model.aws_events if each.type in consumer.reads]


def _any_of(patterns: list[dict[str, Any]]) -> dict[str, Any] | None:
    if len(patterns) > 1:
        return {"$or": patterns}
    return patterns[0] if patterns else None


def _said_by_aws(event: AwsEventModel, places: Mapping[str, str]) -> dict[str, Any]:
    pattern: dict[str, Any] = {"source": [event.source], "detail-type": [event.name]}
    return pattern | ({"detail": filled(event.pattern, places)} if event.pattern else {})
