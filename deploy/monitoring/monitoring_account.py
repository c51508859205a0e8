"""The monitoring account: the sink that environments' accounts link to, and a dashboard over all of them."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws, CfnOutput
from aws_cdk import aws_oam as oam
from constructs import Construct

from deploy.accounts.place import AccountStack
from deploy.accounts.settings import Account, Settings
from deploy.monitoring.account_wide import SEEN
from thestack.definition import names
from thestack.infra.dashboard import Dashboard, Graph, Line, Text, Widget
from thestack.infra.metrics import of_all_functions, of_function, of_own
from thestack.infra.table import pin


class MonitoringAccountStack(AccountStack):
    """What the monitoring account has: it sees metrics and traces of environments, and none of their logs.

    The sink's ARN, which is an output, goes into `Monitoring.sink_arn` of each environment.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope,
            settings,
            settings.monitoring,
            "monitoring",
            "What is seen of all environments in one place",
            protected=True,
        )
        sink = oam.CfnSink(
            self, "Sink", name=names.sink(settings.name), policy=sink_policy(sources(settings))
        )
        pin(sink, "Sink")  # another one has another ARN, and every link must be made anew
        CfnOutput(self, "SinkArn", value=sink.attr_arn)
        Dashboard(self, "Dashboard", names.dashboard(settings.name, "environments"), _widgets(settings))


def sources(settings: Settings) -> list[Account]:
    """The accounts that environments lie in, and that there are."""
    return [account for account in settings.known if account.environment]


def sink_policy(accounts: list[Account]) -> dict[str, Any]:
    """Lets these accounts link what monitoring may see, and nothing beside it.

    `ForAllValues` holds for a request that names no type at all, which the `Null` refuses.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "NumbersAndTracesAlone",
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:{Aws.PARTITION}:iam::{account.id}:root" for account in accounts]},
                "Action": ["oam:CreateLink", "oam:UpdateLink"],
                "Resource": "*",
                "Condition": {
                    "ForAllValues:StringEquals": {"oam:ResourceTypes": list(SEEN)},
                    "Null": {"oam:ResourceTypes": "false"},
                },
            }
        ],
    }


def _widgets(settings: Settings) -> list[Widget]:
    found: list[Widget] = [Text(markdown=f"# The environments of {settings.name}")]
    by_account: Mapping[str, Account] = {account.id or "": account for account in sources(settings)}
    for id, account in by_account.items():
        environment = account.environment or ""
        router = names.router_function(environment)
        answered = of_own(environment, names.ROUTER, names.FAILED)
        found += [
            Graph(
                title=f"{account.name}: answered, and failed of it",
                lines=[
                    Line("answered", answered.as_stat("SampleCount"), account=id),
                    Line("failed", answered, right=True, account=id),
                ],
            ),
            Graph(
                title=f"{account.name}: router, ms",
                lines=[
                    Line(stat, of_function(router, "Duration", stat), account=id) for stat in ("p50", "p99")
                ],
            ),
            Graph(
                title=f"{account.name}: functions",
                lines=[
                    Line("ended by an error", of_all_functions("Errors"), account=id),
                    Line("throttled", of_all_functions("Throttles"), account=id),
                ],
            ),
        ]
    return found
