"""The environment's backups: a vault that is locked, a plan, and a role that may do that alone.

Point-in-time recovery brings a table back to any second of the last 35 days. These are for what it doesn't
help against: somebody with the rights of an administrator, and what is found out too late.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from constructs import Construct

from thestack.definition import names
from thestack.infra.arns import arn
from thestack.infra.backed_up import TAG
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack
from thestack.infra.pieces import Backups
from thestack.infra.table import pin
from thestack.infra.waivers import waive

START_MINUTES, FINISH_MINUTES = 60, 24 * 60
COOLING_DAYS = 3
"""Days in which a lock in compliance mode can be taken back; after that by nobody, not even by AWS."""


class BackupsStack(EnvironmentStack):
    """The vault, the plan and the selection of what bears the environment's tag.

    The vault's key is AWS's own: a customer key, of a dollar a month, would buy copies to another account,
    which this environment makes none of.
    """

    def __init__(self, scope: Construct, environment: Environment, settings: Backups) -> None:
        super().__init__(
            scope, environment, names.BACKUPS, "Backups of tables and buckets, in a vault that is locked"
        )
        name = names.backup_vault(environment.name)
        vault = backup.CfnBackupVault(
            self,
            "Vault",
            backup_vault_name=name,
            lock_configuration=backup.CfnBackupVault.LockConfigurationTypeProperty(
                min_retention_days=settings.keep_days,
                changeable_for_days=COOLING_DAYS if settings.mode == "compliance" else None,
            ),
        )
        vault.apply_removal_policy(RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY)
        pin(vault, "Vault")
        waive(
            vault,
            {"CKV_AWS_166": "Encrypted by AWS's own key; one's own would buy copies to other accounts."},
        )
        plan = backup.CfnBackupPlan(
            self,
            "Plan",
            backup_plan=backup.CfnBackupPlan.BackupPlanResourceTypeProperty(
                backup_plan_name=name,
                backup_plan_rule=[
                    backup.CfnBackupPlan.BackupRuleResourceTypeProperty(
                        rule_name="regular",
                        target_backup_vault=vault.ref,
                        schedule_expression=settings.schedule,
                        start_window_minutes=START_MINUTES,
                        completion_window_minutes=FINISH_MINUTES,
                        lifecycle=backup.CfnBackupPlan.LifecycleResourceTypeProperty(
                            delete_after_days=settings.keep_days
                        ),
                    )
                ],
            ),
        )
        backup.CfnBackupSelection(
            self,
            "Selection",
            backup_plan_id=plan.ref,
            backup_selection=backup.CfnBackupSelection.BackupSelectionResourceTypeProperty(
                selection_name=name,
                iam_role_arn=self._role(environment).role_arn,
                resources=[
                    arn("dynamodb", f"table/{environment.name}-*"),
                    f"arn:{Aws.PARTITION}:s3:::{environment.name}-*",
                ],
                conditions={
                    "StringEquals": [
                        {"ConditionKey": f"aws:ResourceTag/{TAG}", "ConditionValue": environment.name}
                    ]
                },
            ),
        )

    def _role(self, environment: Environment) -> iam.Role:
        """What AWS Backup may do: read what the environment keeps, and write nothing but backups of it."""
        table = arn("dynamodb", f"table/{environment.name}-*")
        bucket = f"arn:{Aws.PARTITION}:s3:::{environment.name}-*"
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "backup.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
            inline_policies={
                "back-up": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            sid="BackUpTables",
                            actions=[
                                "dynamodb:CreateBackup",
                                "dynamodb:DescribeTable",
                                "dynamodb:ListTagsOfResource",
                                "dynamodb:StartAwsBackupJob",
                            ],
                            resources=[table],
                        ),
                        iam.PolicyStatement(
                            sid="HandBackupsOver",
                            actions=["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"],
                            resources=[f"{table}/backup/*"],
                        ),
                        iam.PolicyStatement(
                            sid="ReadBuckets",
                            actions=[
                                "s3:GetBucketAcl",
                                "s3:GetBucketLocation",
                                "s3:GetBucketNotification",
                                "s3:GetBucketTagging",
                                "s3:GetBucketVersioning",
                                "s3:GetInventoryConfiguration",
                                "s3:ListBucket",
                                "s3:ListBucketVersions",
                                "s3:PutBucketNotification",
                                "s3:PutInventoryConfiguration",
                            ],
                            resources=[bucket],
                        ),
                        iam.PolicyStatement(
                            sid="ReadObjects",
                            actions=[
                                "s3:GetObject",
                                "s3:GetObjectAcl",
                                "s3:GetObjectTagging",
                                "s3:GetObjectVersion",
                                "s3:GetObjectVersionAcl",
                                "s3:GetObjectVersionTagging",
                            ],
                            resources=[f"{bucket}/*"],
                        ),
                        iam.PolicyStatement(
                            sid="HearOfObjects",
                            actions=[
                                "events:DeleteRule",
                                "events:DescribeRule",
                                "events:DisableRule",
                                "events:EnableRule",
                                "events:ListTargetsByRule",
                                "events:PutRule",
                                "events:PutTargets",
                                "events:RemoveTargets",
                            ],
                            resources=[arn("events", "rule/AwsBackupManagedRule*")],
                        ),
                        iam.PolicyStatement(  # these know no resources
                            sid="LookAround",
                            actions=["cloudwatch:GetMetricData", "events:ListRules", "tag:GetResources"],
                            resources=["*"],
                        ),
                    ]
                )
            },
        )
        waive(
            role, {"AwsSolutions-IAM5": "What begins with the environment's name; the tag chooses of that."}
        )
        return role


def add_backups(app: cdk.App, environment: Environment, bundle: Path | None) -> None:
    """Add the stack, unless the environment has no backups."""
    if environment.backups:
        BackupsStack(app, environment, environment.backups)
