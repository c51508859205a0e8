"""The stack `monitoring`: what is watched of what services share, and what other accounts see of it."""

from pathlib import Path

from aws_cdk import App

from deploy.monitoring.account_wide import AccountLogs, Link
from deploy.monitoring.platform_dashboard import Platform, platform_widgets
from deploy.monitoring.traces import Traces
from thestack.definition import names
from thestack.infra import parameters
from thestack.infra.alarms import Alarm, Alarms, Runbook
from thestack.infra.burn_rate import Objective
from thestack.infra.dashboard import Dashboard
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack
from thestack.infra.metrics import Metric, of_all_functions, of_own
from thestack.infra.pieces import Monitoring

REFUSING_MINUTES = 3


def add_monitoring(app: App, environment: Environment, _: Path | None) -> None:
    """Add the stack, where the environment is watched."""
    if environment.monitoring:
        MonitoringStack(app, environment, environment.monitoring)


class MonitoringStack(EnvironmentStack):
    """Dashboard and alarms of what services share, traces, and what others see of it.

    It reads what platform and edge tell, so that it is made after them; no service knows of it.
    """

    def __init__(self, scope: App, environment: Environment, monitoring: Monitoring) -> None:
        super().__init__(scope, environment, names.MONITORING, "What is watched of what services share")
        arns: list[str] = []
        if monitoring.alarms:
            objective = api_objective(environment, parameters.read(self, environment, parameters.API_ID))
            alarms = Alarms(self, "Alarms", environment, monitoring, names.PLATFORM, [refused()], objective)
            arns = alarms.arns
        if monitoring.dashboards:
            platform = Platform(
                api=parameters.read(self, environment, parameters.API_ID),
                pool=parameters.read(self, environment, parameters.POOL_ID),
                client=parameters.read(self, environment, parameters.CLIENT_ID),
                distribution=self._distribution(environment),
            )
            name = names.dashboard(environment.name, names.PLATFORM)
            Dashboard(self, "Dashboard", name, platform_widgets(environment, platform, arns))
        # The emulator has none of these, and the CDK's command deploys a template as it is or not at all.
        if environment.emulated:
            return
        if environment.tracing:
            Traces(self, "Traces", environment, monitoring)
        AccountLogs(self, "Logs", environment, monitoring)
        if monitoring.sink_arn:
            Link(self, "Link", monitoring.sink_arn)

    def _distribution(self, environment: Environment) -> str | None:
        """CloudFront before the API. The emulator's counts nothing."""
        if environment.edge is None or environment.emulated:
            return None
        return parameters.read(self, environment, parameters.API_DISTRIBUTION)


def refused() -> Alarm:
    """Lambda starts no more functions: the quota is the account's, so one alarm is enough for all."""
    return Alarm(
        what="throttles",
        says="Lambda refuses to start functions of this account: as many run as it may have.",
        runbook=Runbook.THROTTLES,
        metric=of_all_functions("Throttles"),
        threshold=1,
        minutes=REFUSING_MINUTES,
    )


def api_objective(environment: Environment, api: str) -> Objective:
    """What clients are promised: an answer, and one in which nothing failed for no fault of theirs."""

    def of_api(name: str) -> Metric:
        return Metric("AWS/ApiGateway", name, {"ApiId": api})

    return Objective(
        says="The API fails too often.",
        # An answer of 200 may have failed all the same; the router tells of these alone.
        crashed=of_api("5xx"),
        failed=of_own(environment.name, names.ROUTER, names.FAILED),
        total=of_api("Count"),
    )
