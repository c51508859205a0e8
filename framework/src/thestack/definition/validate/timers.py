"""That timers can be kept by EventBridge Scheduler."""

import re
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import available_timezones

from thestack.definition.cron import WrongCron, parse
from thestack.definition.model import ConsumerModel, ScheduleModel, ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest

SOME_CRON = "0 9 ? * MON-FRI *"
_RATE = re.compile(r"rate\((.+) minutes?\)")
_CRON = re.compile(r"cron\((.*)\)", re.DOTALL)


def validate_intervals(model: ServiceModel) -> Iterator[Diagnostic]:
    """An interval is of whole minutes, and of one at least."""
    for consumer, schedule in _timers(model):
        rate = _RATE.fullmatch(schedule.expression)
        if rate is None or (rate[1].isdigit() and int(rate[1]) > 0):
            continue
        given = timedelta(minutes=float(rate[1]))
        message = f"`timedelta(...)` is {given}, and intervals are of whole minutes, of one at least"
        help = f"Write `timedelta(minutes={max(1, round(float(rate[1])))})`."
        yield Diagnostic("S0630", message, consumer.handler.site, Part("decorator", "interval"), help)


def validate_crons(model: ServiceModel) -> Iterator[Diagnostic]:
    """A calendar's expression is one that EventBridge Scheduler reads."""
    for consumer, schedule in _timers(model):
        cron = _CRON.fullmatch(schedule.expression)
        if cron is None:
            continue
        try:
            parse(cron[1])
        except WrongCron as wrong:
            message = f"`{cron[1]}` is no cron expression of EventBridge's: {wrong}"
            help = f'Write `"{wrong.right or SOME_CRON}"`.'
            yield Diagnostic("S0631", message, consumer.handler.site, Part("decorator", "expression"), help)


def validate_zones(model: ServiceModel) -> Iterator[Diagnostic]:
    """A time zone is one of IANA's."""
    timers = list(_timers(model))
    zones = available_timezones() if timers else set[str]()  # none where the machine has no list of them
    for consumer, schedule in timers:
        if zones and schedule.zone not in zones:
            near = nearest(schedule.zone, zones)
            help = near if near.startswith("Did") else 'Write `"UTC"`.'
            message = f"there is no time zone `{schedule.zone}`"
            yield Diagnostic("S0632", message, consumer.handler.site, Part("decorator", "zone"), help)


def _timers(model: ServiceModel) -> Iterator[tuple[ConsumerModel, ScheduleModel]]:
    return ((each, each.schedule) for each in model.consumers if each.schedule)
