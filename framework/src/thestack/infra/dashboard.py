"""A dashboard of CloudWatch, as plain data: widgets that are laid out from left to right."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from thestack.infra.metrics import Metric

WIDTH, HEIGHT = 24, 6
PERIOD = 300
GLOBAL_REGION = "us-east-1"
"""Where CloudFront, WAF and the bill have their metrics, wherever everything else is."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a graph shows: a metric under a label, or an expression on other lines by their `id`."""

    label: str
    metric: Metric | None = None
    expression: str = ""
    id: str = ""
    visible: bool = True
    right: bool = False
    account: str | None = None

    def as_json(self) -> list[Any]:
        """The line as dashboards write it."""
        said: dict[str, Any] = {"label": self.label}
        if self.id:
            said["id"] = self.id
        if not self.visible:
            said["visible"] = False
        if self.right:
            said["yAxis"] = "right"
        if self.account:
            said["accountId"] = self.account
        if self.metric is None:
            return [{**said, "expression": self.expression}]
        named = [part for each in self.metric.dimensions.items() for part in each]
        return [self.metric.namespace, self.metric.name, *named, {**said, "stat": self.metric.stat}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Lines over time. `limit` draws a line that must not be crossed."""

    title: str
    lines: Sequence[Line]
    width: int = 8
    period: int = PERIOD
    region: str = Aws.REGION
    limit: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def as_json(self) -> dict[str, Any]:
        """The widget as dashboards write it."""
        said: dict[str, Any] = {
            "title": self.title,
            "metrics": [each.as_json() for each in self.lines],
            "region": self.region,
            "period": self.period,
            "view": "timeSeries",
            "yAxis": {"left": {"min": 0}},
            **self.more,
        }
        if self.limit is not None:
            said["annotations"] = {"horizontal": [{"value": self.limit, "label": "limit"}]}
        return {"type": "metric", "properties": said}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a query of logs finds, which costs by what it reads, when somebody looks."""

    title: str
    groups: Sequence[str]
    query: str
    width: int = 8

    def as_json(self) -> dict[str, Any]:
        """The widget as dashboards write it."""
        sources = " | ".join(f"SOURCE '{each}'" for each in self.groups)
        return {
            "type": "log",
            "properties": {
                "title": self.title,
                "query": f"{sources} | {self.query}",
                "region": Aws.REGION,
                "view": "timeSeries",
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStates:
    """Which of these alarms are off."""

    arns: Sequence[str]
    title: str = "Alarms"
    width: int = 8

    def as_json(self) -> dict[str, Any]:
        """The widget as dashboards write it."""
        return {"type": "alarm", "properties": {"title": self.title, "alarms": list(self.arns)}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Markdown."""

    markdown: str
    width: int = WIDTH
    height: int = 2

    def as_json(self) -> dict[str, Any]:
        """The widget as dashboards write it."""
        return {"type": "text", "properties": {"markdown": self.markdown}}


Widget = Graph | Query | AlarmStates | Text


class Dashboard(Construct):
    """A dashboard: $3 a month for each beyond the account's first three."""

    def __init__(self, scope: Construct, id: str, name: str, widgets: Sequence[Widget]) -> None:
        super().__init__(scope, id)
        body = {"widgets": list(_laid_out(widgets)), "periodOverride": "inherit", "start": "-PT12H"}
        cloudwatch.CfnDashboard(
            self, "Dashboard", dashboard_name=name, dashboard_body=json.dumps(body, separators=(",", ":"))
        )


def _laid_out(widgets: Sequence[Widget]) -> Sequence[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    x = y = tallest = 0
    for widget in widgets:
        height = widget.height if isinstance(widget, Text) else HEIGHT
        if x + widget.width > WIDTH:
            x, y, tallest = 0, y + tallest, 0
        found.append({**widget.as_json(), "x": x, "y": y, "width": widget.width, "height": height})
        x, tallest = x + widget.width, max(tallest, height)
    return found
