"""The moments of timers that are to come, for services in memory."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from thestack.definition.cron import parse
from thestack.definition.model import ConsumerModel, ScheduleModel
from thestack.ports import Envelope
from thestack.runtime.firing import firing
from thestack.testing.circumstances import TENANT
from thestack.testing.running import Running


@dataclass(slots=True)
class _Timer:
    running: Running
    consumer: ConsumerModel
    schedule: ScheduleModel
    next: datetime | None


class Timers:
    """Tells what fires as time goes by, from `begin` on."""

    def __init__(self, services: Iterable[Running], begin: datetime) -> None:
        self._timers = [
            _Timer(running, each, each.schedule, moment_after(begin, each.schedule))
            for running in services
            for each in running.model.consumers
            if each.schedule
        ]

    def due(self, now: datetime) -> Iterator[tuple[Running, ConsumerModel, Envelope]]:
        """What fired until now and was not told yet, timer by timer: each moment, also of those long gone."""
        for timer in self._timers:
            while timer.next and timer.next <= now:
                yield timer.running, timer.consumer, firing(timer.consumer, TENANT, timer.next)
                timer.next = moment_after(timer.next, timer.schedule)


def moment_after(before: datetime, schedule: ScheduleModel) -> datetime | None:
    """When a timer fires next; None where its calendar has no further moment."""
    rate = re.fullmatch(r"rate\((\d+) minutes?\)", schedule.expression)
    if rate:
        return before + timedelta(minutes=int(rate[1]))
    return parse(schedule.expression.removeprefix("cron(").removesuffix(")")).next(before, schedule.zone)
