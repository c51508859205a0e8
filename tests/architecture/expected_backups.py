"""What AWS Backup may do: written by hand from its documentation, never derived from what it judges."""

from tests.architecture.expected_grants import may
from tests.architecture.resolved import Grant, arn

TABLES = (
    "dynamodb:CreateBackup",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
    "dynamodb:StartAwsBackupJob",
)
BACKUPS = ("dynamodb:DeleteBackup", "dynamodb:DescribeBackup")
BUCKETS = (
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
)
OBJECTS = (
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionTagging",
)
RULES = (
    "events:DeleteRule",
    "events:DescribeRule",
    "events:DisableRule",
    "events:EnableRule",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
)
ON_ALL = ("cloudwatch:GetMetricData", "events:ListRules", "tag:GetResources")
"""IAM knows no resource for them."""


def role(e: str) -> list[Grant]:
    """What the role of the environment `e` may, if it has one."""
    if e != "production":
        return []
    table, bucket = arn("dynamodb", f"table/{e}-*"), f"arn:aws:s3:::{e}-*"
    return [
        *may(TABLES, table),
        *may(BACKUPS, f"{table}/backup/*"),
        *may(BUCKETS, bucket),
        *may(OBJECTS, f"{bucket}/*"),
        *may(RULES, arn("events", "rule/AwsBackupManagedRule*")),
        *may(ON_ALL, "*"),
    ]
