"""Alarms: what is watched as plain data, and what CloudWatch makes of it.

An alarm costs $0.10 a month for each metric that it looks at, so that a sum of ten metrics in one alarm
costs what ten alarms do. Each thing that can go wrong therefore has an alarm of its own, whose name says what
it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from thestack.definition import names
from thestack.infra import parameters
from thestack.infra.burn_rate import BurnRate, Objective
from thestack.infra.environment import Environment
from thestack.infra.metrics import WAITING, Metric, of_function, of_queue
from thestack.infra.pieces import Monitoring
from thestack.infra.watched import Watched

MINUTE = 60
STUCK_MINUTES = 5
"""How far behind a relay may be, and for how long: its events arrive within a second otherwise."""


class Runbook(StrEnum):
    """What to do when an alarm goes off: the page `docs/runbooks/NAME.md`."""

    BURN_RATE = "burn-rate"
    DEAD_LETTERS = "dead-letters"
    UNDELIVERED = "undelivered"
    ITERATOR_AGE = "iterator-age"
    THROTTLES = "throttles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Goes off where the metric is at least `threshold` in each of so many minutes; no data is no alarm.

    `what` ends its name; `says` is what whoever is told reads first.
    """

    what: str
    says: str
    runbook: Runbook
    metric: Metric
    threshold: float
    minutes: int = 1


def service_alarms(parts: Watched) -> list[Alarm]:
    """What is watched of a service: every DLQ, and how far its relay is behind."""
    found = [
        Alarm(
            what=f"dead-letters-{name}",
            says=f"The consumer {parts.service}.{name} gave up on a message: it lies in {queue}.",
            runbook=Runbook.DEAD_LETTERS,
            metric=of_queue(queue, WAITING),
            threshold=1,
        )
        for name, queue in parts.dead_letters.items()
    ]
    if parts.undelivered:
        found.append(
            Alarm(
                what="undelivered",
                says=f"The relay of {parts.service} gave up on records of its stream: {parts.undelivered}.",
                runbook=Runbook.UNDELIVERED,
                metric=of_queue(parts.undelivered, WAITING),
                threshold=1,
            )
        )
    if parts.relay:
        found.append(
            Alarm(
                what="iterator-age",
                says=f"The relay of {parts.service} is more than {STUCK_MINUTES} minutes behind its stream.",
                runbook=Runbook.ITERATOR_AGE,
                metric=of_function(parts.relay, "IteratorAge", "Maximum"),
                threshold=STUCK_MINUTES * MINUTE * 1000,
                minutes=STUCK_MINUTES,
            )
        )
    return found


class Alarms(Construct):
    """The alarms of a service, or of what services share: `service` is then `names.PLATFORM`.

    They tell the environment's topic, which the platform's stack has, when they go off and when it is over.
    `arns` are those of all that tell somebody.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        monitoring: Monitoring,
        service: str,
        alarms: Sequence[Alarm],
        objective: Objective | None,
    ) -> None:
        super().__init__(scope, id)
        self._environment, self._monitoring, self._service = environment, monitoring, service
        self._topic = parameters.read(self, environment, parameters.ALARMS_TOPIC)
        self.arns = [self._alarm(each).attr_arn for each in alarms]
        if objective and monitoring.availability is not None:
            burning = BurnRate(
                self,
                "BurnRate",
                environment,
                objective,
                service=service,
                budget=1 - monitoring.availability / 100,
                told=self._told(
                    f"{objective.says} At this rate more does in a month than an availability of "
                    f"{monitoring.availability:g} % allows for.",
                    Runbook.BURN_RATE,
                ),
            )
            self.arns += burning.arns

    def _alarm(self, alarm: Alarm) -> cloudwatch.CfnAlarm:
        metric = alarm.metric
        return cloudwatch.CfnAlarm(
            self,
            alarm.what.title().replace("-", "").replace("_", ""),
            alarm_name=names.alarm(self._environment.name, self._service, alarm.what),
            namespace=metric.namespace,
            metric_name=metric.name,
            dimensions=metric.named,
            statistic=metric.stat,
            period=MINUTE,
            evaluation_periods=alarm.minutes,
            threshold=alarm.threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            **self._told(alarm.says, alarm.runbook),
        )

    def _told(self, says: str, runbook: Runbook) -> dict[str, Any]:
        """What an alarm says, and to whom."""
        return {
            "alarm_description": f"{says} What to do: {self._monitoring.runbooks}/{runbook}.md",
            "alarm_actions": [self._topic],
            "ok_actions": [self._topic],
        }
