"""Service control policies: what nobody may do in a member account, whatever their rights there.

Each is a document of its own. They hold neither the management account nor the service-linked roles of AWS.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from thestack.definition import names

Document = Mapping[str, Any]

LONGEST = 5120
"""Characters of a policy, as Organizations counts them."""
MOST = 5
"""Policies on one root, unit or account; AWS's own FullAWSAccess is one of them."""

CONTROL_TOWER = (
    "arn:aws:iam::*:role/AWSControlTowerExecution",
    "arn:aws:iam::*:role/aws-controltower-*",
    "arn:aws:iam::*:role/stacksets-exec-*",
)
"""Control Tower's own roles, which set up what these policies keep."""
DEPLOYMENTS = (*CONTROL_TOWER, "arn:aws:iam::*:role/cdk-*-cfn-exec-role-*")
"""And CloudFormation's, which `cdk bootstrap` makes: what is in a template was looked at by somebody else."""
BOOTSTRAP = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_administrator_*"
"""Administrators who signed in: `cdk bootstrap` itself is theirs to run."""

GLOBAL = (
    "account:*", "artifact:*", "aws-portal:*", "billing:*", "budgets:*", "ce:*", "cloudfront:*",
    "consolidatedbilling:*", "cur:*", "freetier:*", "health:*", "iam:*", "invoicing:*", "networkmanager:*",
    "organizations:*", "payments:*", "pricing:*", "route53:*", "route53domains:*",
    "s3:GetAccountPublicAccessBlock", "s3:ListAllMyBuckets", "servicequotas:*", "shield:*", "sso:*", "sts:*",
    "support:*", "supportplans:*", "tax:*", "trustedadvisor:*", "waf:*",
)  # fmt: skip
"""Services that have one place, or none; whatever region a request names, it is theirs."""
EDGE = (
    "acm:*", "cloudformation:*", "cloudwatch:*", "ecr:*", "kms:*", "logs:*", "s3:*", "sns:*", "ssm:*",
    "tag:*", "wafv2:*",
)  # fmt: skip
"""What the edge's stack in us-east-1 is made of: CloudFront takes certificates and web ACLs from there."""


def allowed_regions(regions: Sequence[str]) -> Document:
    """Work is done in these regions; in us-east-1 what CloudFront needs of it."""
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": sorted({*regions, names.EDGE_REGION})}}
    statements = [_deny("OtherRegions", {"NotAction": list(GLOBAL)}, _but(CONTROL_TOWER, elsewhere))]
    if names.EDGE_REGION not in regions:
        there = {"StringEquals": {"aws:RequestedRegion": names.EDGE_REGION}}
        edge = {"NotAction": [*GLOBAL, *EDGE]}
        statements.append(_deny("OnlyTheEdgeInUsEast1", edge, _but(CONTROL_TOWER, there)))
    return _document(*statements)


def no_root() -> Document:
    """The root user of an account does nothing: who needs it asks the management account."""
    root = {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
    return _document(_deny("Root", {"Action": "*"}, root))


def no_leaving() -> Document:
    """No account leaves the organization, or is closed, by itself."""
    return _document(
        _deny("Leaving", {"Action": ["organizations:LeaveOrganization", "account:CloseAccount"]}, {})
    )


def no_public_buckets() -> Document:
    """Nothing in a bucket is anybody's: neither by the account's setting, nor an ACL, nor a policy.

    What a bucket policy says no policy can look at; so deployments alone write one, and the organization's
    S3 policy blocks what they would make public.
    """
    acls = ["s3:CreateBucket", "s3:PutBucketAcl", "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"]
    everybody = ["public-read", "public-read-write", "authenticated-read"]
    groups = ["*AllUsers*", "*AuthenticatedUsers*"]
    grants = [
        f"s3:x-amz-grant-{right}" for right in ("read", "write", "read-acp", "write-acp", "full-control")
    ]
    return _document(
        _deny("AccountsBlock", {"Action": "s3:PutAccountPublicAccessBlock"}, _but(CONTROL_TOWER, {})),
        _deny("PublicAcl", {"Action": acls}, {"StringEquals": {"s3:x-amz-acl": everybody}}),
        *(
            _deny(f"Public{grant.removeprefix('s3:x-amz-').title().replace('-', '')}",
                  {"Action": acls}, {"StringLike": {grant: groups}})
            for grant in grants
        ),
        _deny(
            "BucketPolicies",
            {
                "Action": [
                    "s3:DeleteBucketPolicy",
                    "s3:PutAccessPointPolicy",
                    "s3:PutBucketPolicy",
                    "s3:PutBucketPublicAccessBlock",
                ]
            },
            _but((*DEPLOYMENTS, BOOTSTRAP), {}),
        ),
    )  # fmt: skip


def no_silence() -> Document:
    """Nobody switches off what tells of them: CloudTrail, Config and GuardDuty."""
    actions = [
        "cloudtrail:DeleteEventDataStore",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:StopEventDataStoreIngestion",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateTrail",
        "config:DeleteConfigurationRecorder",
        "config:DeleteDeliveryChannel",
        "config:DeleteRetentionConfiguration",
        "config:PutConfigurationRecorder",
        "config:PutDeliveryChannel",
        "config:StopConfigurationRecorder",
        "guardduty:DeleteDetector",
        "guardduty:DeleteMembers",
        "guardduty:DeletePublishingDestination",
        "guardduty:DisassociateFromAdministratorAccount",
        "guardduty:DisassociateMembers",
        "guardduty:StopMonitoringMembers",
        "guardduty:UpdateDetector",
    ]
    return _document(_deny("Silence", {"Action": actions}, _but(CONTROL_TOWER, {})))


def kept_logs() -> Document:
    """Logs that were gathered stay: in the log archive's buckets, in the logs account's log groups.

    Where they lie deployments alone may change; what was written not even they delete.
    """
    places = [
        "logs:DeleteDataProtectionPolicy",
        "logs:DeleteDestination",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:PutRetentionPolicy",
        "s3:DeleteBucket",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketVersioning",
        "s3:PutLifecycleConfiguration",
    ]
    written = [
        "logs:DeleteLogStream",
        "logs:Unmask",
        "s3:BypassGovernanceRetention",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutObjectLegalHold",
        "s3:PutObjectRetention",
    ]
    return _document(
        _deny("Places", {"Action": places}, _but(DEPLOYMENTS, {})),
        _deny("Written", {"Action": written}, _but(CONTROL_TOWER, {})),
    )


def block_public_access() -> Document:
    """S3's own policy of the organization: each account blocks public access, and can't change that."""
    return {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}}


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _deny(sid: str, actions: Document, condition: Document) -> Document:
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Deny", **actions, "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement


def _but(roles: Sequence[str], condition: Document) -> Document:
    """The condition, and that who asks is none of these roles."""
    return {**condition, "ArnNotLike": {"aws:PrincipalArn": list(roles)}}
