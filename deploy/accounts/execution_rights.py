"""What CloudFormation may do in an account that holds an environment, by the role of `cdk bootstrap`.

Its default is everything. These are the services that the stacks are made of; where a service has names for
its resources, those that begin as the environment's do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from thestack.definition import names

Statement = Mapping[str, Any]

NAMED: Mapping[str, Sequence[str]] = {
    "backup": ("backup-vault:{}-*", "backup-plan:*"),
    "cloudwatch": ("alarm:{}-*", "dashboard/{}-*"),
    "dynamodb": ("table/{}-*",),
    "events": ("event-bus/{}-*", "rule/{}-*"),
    "glue": ("catalog", "database/{}*", "table/{}*"),
    "lambda": ("function:{}-*",),
    "logs": ("log-group:/aws/*/{}-*", "log-group:{}-*", "log-group:aws-waf-logs-{}-*"),
    "scheduler": ("schedule/*/{}-*", "schedule-group/{}-*"),
    "secretsmanager": ("secret:{}/*",),
    "ses": ("configuration-set/{}-*",),
    "sns": ("{}-*",),
    "sqs": ("{}-*",),
    "ssm": ("parameter/{}/*",),
    "wafv2": ("*/*/{}-*/*", "*/managedruleset/*"),
}
"""Services whose resources have names: all actions, on those of the environment."""
UNNAMED = (
    "acm", "apigateway", "athena", "budgets", "cloudfront", "cognito-idp", "kms", "mediaconvert", "oam",
    "route53", "xray",
)  # fmt: skip
"""Services that name resources by ids of their own."""
ON_NOTHING = (
    "cloudwatch:Link",
    "cloudwatch:PutCompositeAlarm",
    "logs:*AccountPolic*",
    "logs:*DataProtectionPolicy",
    "logs:*LogDelivery*",
    "logs:*ResourcePolic*",
    "logs:Describe*",
    "logs:PutSubscriptionFilter",
    "ssm:DescribeParameters",
)
"""Actions of the others that know no resource."""


def execution_rights(environments: Sequence[str], account: str) -> Sequence[Statement]:
    """The statements for these environments of an account; a name may be a pattern, as `pr-*`.

    The role that deploys, this policy and what `cdk bootstrap` made are out of its reach.
    """

    def each(*forms: str) -> list[str]:
        return [form.format(environment) for form in forms for environment in environments]

    def iam(*ends: str) -> list[str]:
        return [f"arn:aws:iam::{account}:{end}" for end in ends]

    named = [
        f"arn:aws:{service}:*:{account}:{end}" for service, forms in NAMED.items() for end in each(*forms)
    ]
    functions = [f"arn:aws:lambda:*:{account}:{end}" for end in each("function:{}-*")]
    own = iam(
        *(f"role/{names.deploy_role(environment)}" for environment in environments),
        *(f"policy/{names.execution_policy(environment)}" for environment in environments),
        "role/cdk-*",
        "oidc-provider/*",
    )
    return (
        _statement("Named", "Allow", [f"{service}:*" for service in NAMED], named),
        _statement("Unnamed", "Allow", [f"{service}:*" for service in UNNAMED], ["*"]),
        _statement("OnNothing", "Allow", list(ON_NOTHING), ["*"]),
        _statement(
            "EventSources",
            "Allow",
            ["lambda:*EventSourceMapping"],
            ["*"],
            {"ArnLikeIfExists": {"lambda:FunctionArn": functions}},
        ),
        _statement(
            "Buckets",
            "Allow",
            ["s3:*Bucket*", "s3:*Configuration", "s3:*Resource"],
            [f"arn:aws:s3:::{end}" for end in each("{}-*")],
        ),
        _statement(
            "Code", "Allow", ["s3:GetObject"], [f"arn:aws:s3:::{names.bootstrap_bucket(account, '*')}/*"]
        ),
        _statement("Roles", "Allow", ["iam:*Role*"], iam(*each("role/{}-*"), "role/aws-service-role/*")),
        _statement("NotItself", "Deny", ["iam:*"], own),
    )


def _statement(
    sid: str,
    effect: str,
    actions: Sequence[str],
    resources: Sequence[str],
    condition: Mapping[str, Any] | None = None,
) -> Statement:
    statement = {"Sid": sid, "Effect": effect, "Action": list(actions), "Resource": list(resources)}
    return {**statement, "Condition": condition} if condition else statement
