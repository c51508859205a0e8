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


@dataclass(frozen=True, slots=True)
class Burn:
    """A speed at which the budget must not be spent over both windows, which are in seconds."""

    speed: float
    long: int
    short: int


BURNS = (Burn(14.4, HOUR, HOUR // 12), Burn(6, 6 * HOUR, HOUR // 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """That of `total` little is `bad`: what is counted as the one is not as the other. `says` what it means
    that more is.
    """

    says: str
    bad: tuple[Metric, Metric]
    total: Metric

    def share(self, window: int) -> list[cloudwatch.CfnAlarm.MetricDataQueryProperty]:
        """The share of what is bad in a window, in CloudWatch's words."""
        crashed, failed = self.bad
        return [
            _queried("crashed", crashed, window),
            _queried("failed", failed, window),
            _queried("total", self.total, window),
            _computed("bad", BAD),
            _computed("share", SHARE, told=True),
        ]


BAD = "FILL(crashed, 0) + FILL(failed, 0)"
SHARE = f"IF(bad >= {FEWEST}, bad / total, 0)"


def subgraph_objective(environment: Environment, parts: Watched) -> Objective | None:
    """What a service promises those who ask it; None where nobody does."""
    if parts.subgraph is None:
        return None
    return Objective(
        says=f"The subgraph of {parts.service} fails too often.",
        # What ends the function is Lambda's to tell; what it survives it answers, and tells itself.
        bad=(of_function(parts.subgraph, "Errors"), of_own(environment.name, parts.service, names.FAILED)),
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
        what: dict[str, Any] = {
            "metrics": self._objective.share(seconds),
            "alarm_description": f"One of the windows of {self._service}'s burn rate, which tells.",
        }
        if self._environment.emulated:
            crashed = self._objective.bad[0]
            what = {
                "namespace": crashed.namespace,
                "metric_name": crashed.name,
                "dimensions": [{"name": name, "value": value} for name, value in crashed.dimensions.items()],
                "statistic": "Average",
                "period": seconds,
                **self._told,
            }
        return cloudwatch.CfnAlarm(
            self,
            f"Within{minutes}Minutes",
            alarm_name=names.alarm(self._environment.name, self._service, f"burn-rate-{minutes}m"),
            evaluation_periods=1,
            threshold=round(threshold, 6),
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            **what,
        )


def _queried(id: str, metric: Metric, window: int) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id=id,
        return_data=False,
        metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(
            metric=cloudwatch.CfnAlarm.MetricProperty(
                namespace=metric.namespace,
                metric_name=metric.name,
                dimensions=[
                    cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                    for name, value in metric.dimensions.items()
                ],
            ),
            period=window,
            stat=metric.stat,
        ),
    )


def _computed(id: str, expression: str, *, told: bool = False) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(id=id, expression=expression, return_data=told)
