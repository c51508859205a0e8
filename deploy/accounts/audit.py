"""The audit trail: what everybody did in every account, where nobody of those accounts can reach it."""

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from constructs import Construct

from deploy.accounts.place import AccountStack
from deploy.accounts.settings import Settings
from thestack.definition import names
from thestack.infra.private_bucket import FOR_GOOD, PrivateBucket
from thestack.infra.table import pin
from thestack.infra.waivers import waive


class AuditLogStack(AccountStack):
    """The bucket of the trail, in the log archive: the organization's trail alone writes to it, over TLS, and
    what is written can't be deleted before its time.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope,
            settings,
            settings.log_archive,
            "audit-log",
            "The bucket that the organization's audit trail writes to",
            protected=True,
        )
        days = settings.audit_trail.retention_days
        mode = "COMPLIANCE" if settings.audit_trail.compliance else "GOVERNANCE"
        bucket = PrivateBucket(
            self,
            "Log",
            FOR_GOOD,
            arn=f"arn:{Aws.PARTITION}:s3:::{bucket_name(settings)}",
            logical_id="AuditLog",
            versioned=True,
            lifecycle=[
                {
                    "id": "ForgetWhatIsNoLongerLocked",
                    "status": "Enabled",
                    "expirationInDays": days + 1,
                    "noncurrentVersionExpiration": {"noncurrentDays": 1},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
                }
            ],
            object_lock_enabled=True,
            object_lock_configuration={
                "objectLockEnabled": "Enabled",
                "rule": {"defaultRetention": {"mode": mode, "days": days}},
            },
        )
        trail = iam.ServicePrincipal("cloudtrail.amazonaws.com")
        source = {"aws:SourceArn": trail_arn(settings)}
        bucket.policy.add_statements(
            iam.PolicyStatement(
                sid="TrailLooks",
                principals=[trail],
                actions=["s3:GetBucketAcl"],
                resources=[bucket.arn],
                conditions={"StringEquals": source},
            ),
            iam.PolicyStatement(
                sid="TrailWrites",
                principals=[trail],
                actions=["s3:PutObject"],
                resources=[f"{bucket.arn}/AWSLogs/*"],
                conditions={"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}},
            ),
        )


class AuditTrailStack(AccountStack):
    """The organization's trail: management events of every account and region, with digests that prove them
    unchanged. The first copy of management events costs nothing.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope,
            settings,
            settings.management,
            "audit-trail",
            "The organization's audit trail",
            protected=True,
        )
        trail = cloudtrail.CfnTrail(
            self,
            "Trail",
            trail_name=names.audit_trail(settings.name),
            s3_bucket_name=bucket_name(settings),
            is_logging=True,
            is_organization_trail=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
        )
        trail.apply_removal_policy(RemovalPolicy.RETAIN)
        pin(trail, "Trail")
        waive(trail, {"CKV_AWS_35": "S3 encrypts it by a key of its own; one of one's own costs while idle."})


def bucket_name(settings: Settings) -> str:
    """The bucket in the log archive."""
    return names.audit_bucket(settings.name, str(settings.log_archive.id))


def trail_arn(settings: Settings) -> str:
    """The trail in the management account, which the bucket's policy names before the trail is there."""
    place = f"{settings.home_region}:{settings.management.id}"
    return f"arn:{Aws.PARTITION}:cloudtrail:{place}:trail/{names.audit_trail(settings.name)}"
