"""How fast an objective's error budget is spent: alarms over several windows, as in chapter 5 of Google's
"Site Reliability Workbook".

A budget is the share of requests that may fail. Spent 14.4 times as fast as it lasts for, two per cent of a
month's are gone in an hour; 6 times as fast, five per cent in six hours. Each is looked at over a long
window, so that a moment's trouble wakes nobody, and over a twelfth of it, so that the alarm is over when the
trouble is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from thestack.definition import names
from thestack.infra.arns import arn
from thestack.infra.environment import Environment
from thestack.infra.metrics import Metric, of_function, of_own
from thestack.infra.watched import Watched

HOUR = 60 * 60
FEWEST = 3
"""With fewer failures in a window nobody is woken: at night one of three requests is no trend."""
BAD = "FILL(crashed, 0) + FILL(failed, 0)"
SHARE = f"IF(bad >= {FEWEST}, bad / total, 0)"


@dataclass(frozen=True, slots=True)
class Burn:
    """A speed at which the budget must not be spent over both windows, which are in seconds."""

    speed: float
    long: int
    short: int


BURNS = (Burn(14.4, HOUR, HOUR // 12), Burn(6, 6 * HOUR, HOUR // 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """That of `total` little is bad: what `crashed` and, apart from that, what `failed`. `says` what it means
    that more is.
    """

    says: str
    crashed: Metric
    failed: Metric
    total: Metric


def subgraph_objective(environment: Environment, parts: Watched) -> Objective | None:
    """What a service promises those who ask it; None where nobody does."""
    if parts.subgraph is None:
        return None
    return Objective(
        says=f"The subgraph of {parts.service} fails too often.",
        # What ends the function is Lambda's to tell; what it survives it answers, and tells itself.
        crashed=of_function(parts.subgraph, "Errors"),
        failed=of_own(environment.name, parts.service, names.FAILED),
        total=of_function(parts.subgraph, "Invocations"),
    )


class BurnRate(Construct):
    """An alarm for each window, which tell nobody, and one that does when both of a pair are off.

    `budget` is the share that may be bad, between 0 and 1; `told` what an alarm says and whom it tells.
    `arns` are those of what tells somebody.

    The emulator knows neither metric math nor alarms of alarms, and makes no metrics of logs. There each
    window looks at what ended the function alone, whose average is the share of calls that it ended, and
    tells.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        objective: Objective,
        *,
        service: str,
        budget: float,
        told: Mapping[str, Any],
    ) -> None:
        super().__init__(scope, id)
        self._environment, self._objective, self._service = environment, objective, service
        self._told = told
        pairs = [
            [self._window(seconds, each.speed * budget) for seconds in (each.long, each.short)]
            for each in BURNS
        ]
        if environment.emulated:
            self.arns = [alarm.attr_arn for pair in pairs for alarm in pair]
            return
        # By references, so that each alarm is there before the one of them all.
        both = [f'(ALARM("{long.ref}") AND ALARM("{short.ref}"))' for long, short in pairs]
        name = names.alarm(environment.name, service, "burn-rate")
        cloudwatch.CfnCompositeAlarm(self, "Burning", alarm_name=name, alarm_rule=" OR ".join(both), **told)
        self.arns = [arn("cloudwatch", f"alarm:{name}")]

    def _window(self, seconds: int, threshold: float) -> cloudwatch.CfnAlarm:
        minutes = seconds // 60
        watched = self._crashed(seconds) if self._environment.emulated else self._share(seconds)
        return cloudwatch.CfnAlarm(
            self,
            f"Within{minutes}Minutes",
            alarm_name=names.alarm(self._environment.name, self._service, f"burn-rate-{minutes}m"),
            evaluation_periods=1,
            threshold=round(threshold, 6),
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            **watched,
        )

    def _share(self, seconds: int) -> dict[str, Any]:
        """The share of what is bad in a window."""
        queried = {
            "crashed": self._objective.crashed,
            "failed": self._objective.failed,
            "total": self._objective.total,
        }
        return {
            "alarm_description": f"One of the windows of {self._service}'s burn rate, which tells.",
            "metrics": [
                *(_queried(id, metric, seconds) for id, metric in queried.items()),
                {"id": "bad", "expression": BAD, "returnData": False},
                {"id": "share", "expression": SHARE, "returnData": True},
            ],
        }

    def _crashed(self, seconds: int) -> dict[str, Any]:
        metric = self._objective.crashed
        return {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "dimensions": metric.named,
            "statistic": "Average",
            "period": seconds,
            **self._told,
        }


def _queried(id: str, metric: Metric, seconds: int) -> dict[str, Any]:
    what = {"namespace": metric.namespace, "metricName": metric.name, "dimensions": metric.named}
    stat = {"metric": what, "period": seconds, "stat": metric.stat}
    return {"id": id, "metricStat": stat, "returnData": False}
