"""Who reaches which account, and with which rights: Identity Center's permission sets and assignments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_sso as sso
from constructs import Construct

from deploy.accounts.place import AccountStack
from deploy.accounts.settings import Account, IdentityCenter, Settings

Statement = Mapping[str, Any]

DATA = (
    "athena:GetQueryResults",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "kms:Decrypt",
    "lambda:GetFunction",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetLogRecord",
    "logs:GetQueryResults",
    "logs:StartLiveTail",
    "logs:StartQuery",
    "logs:Unmask",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
)
"""How users' data, secrets and code are read. Who looks at an account sees its shape, and none of these."""


@dataclass(frozen=True)
class PermissionSet:
    """Rights in an account, for at most so many hours after signing in. Policies are AWS's own, by name."""

    name: str
    description: str
    hours: int
    policies: Sequence[str]
    statements: Sequence[Statement] = ()


ADMINISTRATOR = PermissionSet(
    "administrator", "Everything; for an hour, because it is seldom needed", 1, ("AdministratorAccess",)
)
DEVELOPER = PermissionSet(
    "developer",
    "To build and deploy where no customer is",
    8,
    ("PowerUserAccess",),
    [
        {
            "Effect": "Allow",
            "Action": ["iam:Get*", "iam:List*", "iam:SimulatePrincipalPolicy"],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": f"arn:{Aws.PARTITION}:iam::*:role/cdk-*-cfn-exec-role-*",
            "Condition": {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
        },
    ],
)
READ_ONLY = PermissionSet(
    "read-only",
    "The shape of an account, its metrics, alarms and traces; no data, no logs, no secrets",
    8,
    ("job-function/ViewOnlyAccess", "CloudWatchReadOnlyAccess", "AWSXrayReadOnlyAccess"),
    [{"Effect": "Deny", "Action": list(DATA), "Resource": "*"}],
)
BILLING = PermissionSet("billing", "Bills, budgets and their payment", 4, ("job-function/Billing",))


PERMISSION_SETS = (ADMINISTRATOR, DEVELOPER, READ_ONLY, BILLING)


class AccessStack(AccountStack):
    """The permission sets, and which group has which of them in which account."""

    def __init__(self, scope: Construct, settings: Settings, center: IdentityCenter) -> None:
        super().__init__(
            scope, settings, settings.management, "access", "Who reaches which account, and with which rights"
        )
        self._center = center
        made = {each.name: self._permission_set(each) for each in PERMISSION_SETS}
        for group, permissions, accounts in assigned(settings):
            for account in accounts:
                self._assign(group, permissions, made[permissions.name], account)

    def _permission_set(self, rights: PermissionSet) -> sso.CfnPermissionSet:
        policies = f"arn:{Aws.PARTITION}:iam::aws:policy"
        document = {"Version": "2012-10-17", "Statement": list(rights.statements)}
        return sso.CfnPermissionSet(
            self,
            _pascal(rights.name),
            instance_arn=self._center.instance_arn,
            name=rights.name,
            description=rights.description,
            session_duration=f"PT{rights.hours}H",
            managed_policies=[f"{policies}/{each}" for each in rights.policies],
            inline_policy=document if rights.statements else None,
        )

    def _assign(
        self, group: str, rights: PermissionSet, made: sso.CfnPermissionSet, account: Account
    ) -> None:
        if account.id is None:
            return
        sso.CfnAssignment(
            self,
            f"{_pascal(group)}{_pascal(rights.name)}{_pascal(account.name)}",
            instance_arn=self._center.instance_arn,
            permission_set_arn=made.attr_permission_set_arn,
            principal_id=str(getattr(self._center, group)),
            principal_type="GROUP",
            target_id=account.id,
            target_type="AWS_ACCOUNT",
        )


def assigned(settings: Settings) -> Sequence[tuple[str, PermissionSet, Sequence[Account]]]:
    """Each group, by its name in `IdentityCenter`, with its rights and the accounts where it has them."""
    units = settings.units
    security = (settings.log_archive, settings.audit)
    where_nobody_is = (*units["Test"], *units["Developers"])
    return (
        ("administrators", ADMINISTRATOR, (settings.management, *settings.members)),
        ("developers", DEVELOPER, where_nobody_is),
        ("developers", READ_ONLY, (*units["Production"], *units["Infrastructure"])),
        ("auditors", READ_ONLY, (*units["Production"], *units["Infrastructure"], *security)),
        ("finance", BILLING, (settings.management,)),
    )


def _pascal(name: str) -> str:
    return name.title().replace("-", "")
