"""What holds for all of an environment's account: what its logs hide, where they go, what others see."""

import json
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_logs as logs
from aws_cdk import aws_oam as oam
from constructs import Construct

from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.pieces import Monitoring

SEEN = ("AWS::CloudWatch::Metric", "AWS::XRay::Trace")
"""What the monitoring account sees: numbers and the ways of requests. No log group is among it."""
HIDDEN = (
    "AwsSecretKey",
    "EmailAddress",
    "OpenSshPrivateKey",
    "PgpPrivateKey",
    "PkcsPrivateKey",
    "PuttyPrivateKey",
)
"""Of what CloudWatch Logs knows: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/."""
TOKEN = "[A-Za-z0-9_-]+"  # noqa: S105 - a pattern
TOKENS = {"Name": "Token", "Regex": rf"eyJ{TOKEN}\.eyJ{TOKEN}\.{TOKEN}"}
"""Access tokens, which are JWTs."""


class AccountLogs(Construct):
    """Policies of all log groups of the account, also of those that will be: nothing is forgotten.

    Hiding costs $0.12 for a gigabyte of logs. What is hidden is hidden wherever it leaves to, and to
    everybody who has no `logs:Unmask`; no role of these stacks has it.
    """

    def __init__(self, scope: Construct, id: str, environment: Environment, monitoring: Monitoring) -> None:
        super().__init__(scope, id)
        self._environment = environment
        if monitoring.masks:
            self._policy("Hidden", "DATA_PROTECTION_POLICY", self._hidden())
        if monitoring.logs_destination_arn:
            destination = {
                "DestinationArn": monitoring.logs_destination_arn,
                "FilterPattern": "",
                "Distribution": "Random",
            }
            self._policy("Shipped", "SUBSCRIPTION_FILTER_POLICY", destination)

    def _policy(self, id: str, kind: str, document: dict[str, Any]) -> None:
        logs.CfnAccountPolicy(
            self,
            id,
            policy_name=names.log_policy(self._environment.name, id.lower()),
            policy_type=kind,
            policy_document=json.dumps(document),
            scope="ALL",
        )

    def _hidden(self) -> dict[str, Any]:
        known = f"arn:{Aws.PARTITION}:dataprotection::aws:data-identifier"
        kinds = [*(f"{known}/{each}" for each in HIDDEN), TOKENS["Name"]]
        found: dict[str, Any] = {"Audit": {"FindingsDestination": {}}}
        return {
            "Name": names.log_policy(self._environment.name, "hidden"),
            "Description": "Addresses and credentials are hidden",
            "Version": "2021-06-01",
            "Configuration": {"CustomDataIdentifier": [TOKENS]},
            "Statement": [
                {"Sid": "Find", "DataIdentifier": kinds, "Operation": found},
                {"Sid": "Hide", "DataIdentifier": kinds, "Operation": {"Deidentify": {"MaskConfig": {}}}},
            ],
        }


class Link(Construct):
    """Lets the monitoring account see this one's metrics and traces, for nothing."""

    def __init__(self, scope: Construct, id: str, sink_arn: str) -> None:
        super().__init__(scope, id)
        oam.CfnLink(
            self,
            "Link",
            sink_identifier=sink_arn,
            label_template="$AccountName",
            resource_types=list(SEEN),
        )
