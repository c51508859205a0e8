"""What the platform's dashboard shows: a request's way from the edge to the subgraphs, users, the bill."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from thestack.definition import names
from thestack.infra.dashboard import GLOBAL_REGION, AlarmStates, Graph, Line, Text, Widget
from thestack.infra.environment import Environment
from thestack.infra.metrics import Metric, of_all_functions, of_function, of_own
from thestack.infra.permissions import permissions
from thestack.infra.service_dashboard import HOUR, cold_starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The ids of what services share. `distribution` is CloudFront's before the API, if there is one."""

    api: str
    pool: str
    client: str
    distribution: str | None = None


def platform_widgets(environment: Environment, platform: Platform, alarms: Sequence[str]) -> list[Widget]:
    """The widgets of the platform's dashboard; `alarms` are the ARNs of its alarms."""
    router = names.router_function(environment.name)
    authorizer = names.authorizer_function(environment.name)
    answered = of_own(environment.name, names.ROUTER, names.FAILED)
    return [
        Text(markdown=f"# {environment.name}"),
        *([AlarmStates(arns=alarms)] if alarms else []),
        Graph(
            title="API",
            lines=[
                Line(label, _of_api(platform, name), right=name != "Count")
                for label, name in (("requests", "Count"), ("4xx", "4xx"), ("5xx", "5xx"))
            ],
        ),
        Graph(
            title="API, ms",
            lines=[Line(f"{what} {stat}", _of_api(platform, what, stat)) for what, stat in _LATENCIES],
        ),
        Graph(
            title="Router: answered, and failed of it",
            lines=[Line("answered", answered.as_stat("SampleCount")), Line("failed", answered, right=True)],
        ),
        *(_of_function(label, name) for label, name in (("Router", router), ("Authorizer", authorizer))),
        cold_starts([each.function for each in permissions([], environment)]),
        Graph(
            title="Functions of the account",
            lines=[
                Line("at once", of_all_functions("ConcurrentExecutions", "Maximum")),
                Line("throttled", of_all_functions("Throttles"), right=True),
            ],
        ),
        Graph(title="Bus", lines=list(_bus(environment))),
        Graph(title="Users", lines=list(_users(platform))),
        *([_edge(platform.distribution)] if platform.distribution else []),
        _bill(environment),
    ]


_LATENCIES = [(what, stat) for what in ("Latency", "IntegrationLatency") for stat in ("p50", "p99")]


def _of_api(platform: Platform, name: str, stat: str = "Sum") -> Metric:
    return Metric("AWS/ApiGateway", name, {"ApiId": platform.api}, stat)


def _of_function(label: str, function: str) -> Graph:
    return Graph(
        title=label,
        lines=[
            Line("calls", of_function(function, "Invocations")),
            Line("ended by an error", of_function(function, "Errors")),
            Line("p50, ms", of_function(function, "Duration", "p50"), right=True),
            Line("p99, ms", of_function(function, "Duration", "p99"), right=True),
        ],
    )


def _bus(environment: Environment) -> Iterator[Line]:
    """What is put on buses EventBridge counts for the account alone; what comes of it, for each bus."""
    bus = {"EventBusName": names.bus(environment.name)}
    yield Line("put", Metric("AWS/Events", "PutEventsEntriesCount", {}))
    yield Line("handed to targets", Metric("AWS/Events", "InvocationAttempts", bus))


def _users(platform: Platform) -> Iterator[Line]:
    said = {"UserPool": platform.pool, "UserPoolClient": platform.client}
    for label, name in (
        ("signed up", "SignUpSuccesses"),
        ("signed in", "SignInSuccesses"),
        ("tokens refreshed", "TokenRefreshSuccesses"),
        ("throttled", "SignInThrottles"),
    ):
        yield Line(label, Metric("AWS/Cognito", name, said))


def _edge(distribution: str) -> Graph:
    def said(name: str, stat: str) -> Metric:
        return Metric("AWS/CloudFront", name, {"DistributionId": distribution, "Region": "Global"}, stat)

    return Graph(
        title="CloudFront",
        region=GLOBAL_REGION,
        lines=[
            Line("requests", said("Requests", "Sum")),
            Line("4xx, %", said("4xxErrorRate", "Average"), right=True),
            Line("5xx, %", said("5xxErrorRate", "Average"), right=True),
        ],
    )


def _bill(environment: Environment) -> Graph:
    """What the account owes this month so far, where its billing preferences let CloudWatch know."""
    return Graph(
        title="Bill of the month so far, US dollars",
        region=GLOBAL_REGION,
        period=6 * HOUR,
        lines=[Line("estimated", Metric("AWS/Billing", "EstimatedCharges", {"Currency": "USD"}, "Maximum"))],
        limit=environment.budget.monthly if environment.budget else None,
    )
