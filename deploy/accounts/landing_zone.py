"""Control Tower: its landing zone, the units that it governs, and the controls (guard rails) of each."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Aws, CfnResource, RemovalPolicy
from aws_cdk import aws_controltower as controltower
from aws_cdk import aws_iam as iam
from constructs import Construct

from deploy.accounts.organization import CONTROL_TOWERS_ROLE
from deploy.accounts.place import AccountStack, read, unit_arn
from deploy.accounts.settings import Settings
from thestack.definition import names
from thestack.infra.waivers import waive

BASELINE = "17BSJV3IGJ2QSGA2"
"""AWSControlTowerBaseline: what it sets up in each account of a unit. AWS gives its baselines such ids."""

EVERYWHERE = (
    "IAM_USER_MFA_ENABLED",
    "ROOT_ACCOUNT_MFA_ENABLED",
    "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
)
WHERE_DATA_STAYS = ("S3_BUCKET_PUBLIC_READ_PROHIBITED", "S3_BUCKET_PUBLIC_WRITE_PROHIBITED")
CONTROLS: Mapping[str, Sequence[str]] = {
    "Production": (*EVERYWHERE, *WHERE_DATA_STAYS),
    "Test": EVERYWHERE,
    "Developers": EVERYWHERE,
    "Infrastructure": (*EVERYWHERE, *WHERE_DATA_STAYS),
}
"""Controls that find what is wrong, beside those that Control Tower always has. What prevents it stands in
`deploy.accounts.policies`.
"""


class LandingZoneStack(AccountStack):
    """The landing zone, with the roles that Control Tower asks for, and its hold on each unit.

    It needs the log archive's and the audit account's ids. Its own organization trail is left out: there
    would be two, and the one of `deploy.accounts.audit` is locked.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope,
            settings,
            settings.management,
            "landing-zone",
            "Control Tower's landing zone, and the controls of each unit",
            protected=True,
        )
        self._settings = settings
        roles = _roles(self)
        zone = controltower.CfnLandingZone(
            self,
            "LandingZone",
            version=settings.landing_zone.version,
            manifest=manifest(settings),
            remediation_types=["INHERITANCE_DRIFT"],  # accounts that come to a unit are enrolled
        )
        zone.apply_removal_policy(RemovalPolicy.RETAIN)
        for role in roles:
            zone.add_resource_dependency(role)
        if settings.landing_zone.identity_baseline:
            last: CfnResource = zone
            for unit in settings.units:
                last = self._govern(unit, settings.landing_zone.identity_baseline, last)

    def _govern(self, unit: str, identity_baseline: str, last: CfnResource) -> CfnResource:
        """Register a unit and switch on its controls, one after another, as Control Tower takes them."""
        target = read(self, self._settings, unit_arn(unit))
        baseline = controltower.CfnEnabledBaseline(
            self,
            f"{unit}Baseline",
            baseline_identifier=f"arn:{Aws.PARTITION}:controltower:{Aws.REGION}::baseline/{BASELINE}",
            baseline_version=self._settings.landing_zone.baseline_version,
            target_identifier=target,
            parameters=[{"key": "IdentityCenterEnabledBaselineArn", "value": identity_baseline}],
        )
        baseline.add_resource_dependency(last)
        last = baseline
        for control in CONTROLS[unit]:
            enabled = controltower.CfnEnabledControl(
                self,
                f"{unit}{control.title().replace('_', '')}",
                control_identifier=f"arn:{Aws.PARTITION}:controltower:{Aws.REGION}::control/AWS-GR_{control}",
                target_identifier=target,
            )
            enabled.add_resource_dependency(last)
            last = enabled
        return last


def manifest(settings: Settings) -> Mapping[str, Any]:
    """The landing zone's manifest, as its version 3.3 has it."""
    kept = {"retentionDays": settings.landing_zone.retention_days}
    return {
        "governedRegions": sorted({*settings.regions, names.EDGE_REGION}),
        "organizationStructure": {"security": {"name": "Security"}},
        "centralizedLogging": {
            "accountId": settings.log_archive.id,
            "configurations": {"loggingBucket": kept, "accessLoggingBucket": kept},
            "enabled": False,
        },
        "securityRoles": {"accountId": settings.audit.id},
        "accessManagement": {"enabled": True},
    }


def _roles(scope: Construct) -> list[iam.CfnRole]:
    """The roles that must be there before the landing zone, under the names that Control Tower knows."""
    policies = f"arn:{Aws.PARTITION}:iam::aws:policy/service-role"
    zones = {"Effect": "Allow", "Action": "ec2:DescribeAvailabilityZones", "Resource": "*"}
    logs = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:{Aws.PARTITION}:logs:*:*:log-group:aws-controltower/CloudTrailLogs:*",
    }
    members = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": f"arn:{Aws.PARTITION}:iam::*:role/{CONTROL_TOWERS_ROLE}",
    }
    return [
        _role(scope, "Admin", "controltower", [zones], f"{policies}/AWSControlTowerServiceRolePolicy"),
        _role(scope, "CloudTrailRole", "cloudtrail", [logs]),
        _role(scope, "StackSetRole", "cloudformation", [members]),
        _role(
            scope,
            "ConfigAggregatorRoleForOrganizations",
            "config",
            [],
            f"{policies}/AWSConfigRoleForOrganizations",
        ),
    ]


def _role(
    scope: Construct, name: str, service: str, statements: Sequence[Mapping[str, Any]], *managed: str
) -> iam.CfnRole:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    role = iam.CfnRole(
        scope,
        name,
        role_name=f"AWSControlTower{name}",
        path="/service-role/",
        assume_role_policy_document={"Version": "2012-10-17", "Statement": [trust]},
        policies=[{"policyName": f"AWSControlTower{name}Policy", "policyDocument": document}]
        if statements
        else None,
        managed_policy_arns=list(managed) or None,
    )
    role.apply_removal_policy(RemovalPolicy.RETAIN)
    reason = "Control Tower asks for this role, with this name and these rights."
    waive(role, dict.fromkeys(("AwsSolutions-IAM4", "AwsSolutions-IAM5"), reason))
    return role
