"""The audit trail: it hears everything, and what it wrote nobody changes."""

from typing import Any

import pytest

from tests.architecture.accounts.conftest import Stacks
from tests.architecture.evaluating import FULL_ACCESS, Request, decide

BUCKET = "arn:aws:s3:::thestack-audit-000022223333"
WRITTEN = f"{BUCKET}/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/eu-central-1/2026/11/26/x.json.gz"
TRAIL = "arn:aws:cloudtrail:eu-central-1:000011112222:trail/thestack-audit"
CLOUDTRAIL = "service:cloudtrail.amazonaws.com"
ACL = {"s3:x-amz-acl": "bucket-owner-full-control"}
TLS = {"aws:SecureTransport": "true"}


def properties(stacks: Stacks, stack: str, kind: str) -> dict[str, Any]:
    (found,) = stacks[stack].of_type(kind).values()
    return dict(found)


def test_the_trail_hears_every_account_and_region_and_proves_what_it_wrote(stacks: Stacks) -> None:
    trail = properties(stacks, "audit-trail", "AWS::CloudTrail::Trail")
    assert trail.pop("TrailName") == TRAIL.rpartition("/")[2]
    assert trail.pop("S3BucketName") == BUCKET.rpartition(":")[2]
    assert trail == {
        "EnableLogFileValidation": True,
        "IncludeGlobalServiceEvents": True,
        "IsLogging": True,
        "IsMultiRegionTrail": True,
        "IsOrganizationTrail": True,
    }


def test_what_is_written_is_encrypted_private_and_locked_for_its_time(stacks: Stacks) -> None:
    bucket = properties(stacks, "audit-log", "AWS::S3::Bucket")
    assert bucket["BucketName"] == BUCKET.rpartition(":")[2]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["ObjectLockEnabled"] is True
    retention = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention == {"Mode": "GOVERNANCE", "Days": 365}
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] > retention["Days"]


def put(source: str, context: dict[str, str] = ACL, principal: str = CLOUDTRAIL) -> Request:
    return Request("s3:PutObject", WRITTEN, {**TLS, **context, "aws:SourceArn": source}, principal)


@pytest.mark.parametrize(
    ("request_", "decision"),
    [
        (put(TRAIL), "allowed"),
        (put(TRAIL, {}), "not allowed"),
        (put(TRAIL.replace("audit", "other")), "not allowed"),
        (put(TRAIL.replace("000011112222", "111122223333")), "not allowed"),
        (put(TRAIL, principal="service:config.amazonaws.com"), "not allowed"),
        (put(TRAIL, {**ACL, "aws:SecureTransport": "false"}), "denied"),
        (Request("s3:GetBucketAcl", BUCKET, {**TLS, "aws:SourceArn": TRAIL}, CLOUDTRAIL), "allowed"),
        (Request("s3:GetObject", WRITTEN, {**TLS, "aws:SourceArn": TRAIL}, CLOUDTRAIL), "not allowed"),
        (Request("s3:DeleteObject", WRITTEN, {**TLS, "aws:SourceArn": TRAIL}, CLOUDTRAIL), "not allowed"),
    ],
)
def test_the_organizations_trail_alone_writes(stacks: Stacks, request_: Request, decision: str) -> None:
    policy = properties(stacks, "audit-log", "AWS::S3::BucketPolicy")["PolicyDocument"]
    assert decide(request_, policy) == decision


def test_an_administrator_of_the_log_archive_can_not_unlock_it(stacks: Stacks) -> None:
    policies = stacks["policies"].of_type("AWS::Organizations::Policy").values()
    (kept,) = (each for each in policies if each["Name"] == "thestack-kept-logs")
    assert "000022223333" in kept["TargetIds"]
    administrator = {"aws:PrincipalArn": "arn:aws:iam::000022223333:role/administrator"}
    for action in ("s3:BypassGovernanceRetention", "s3:PutObjectRetention", "s3:DeleteObjectVersion"):
        assert decide(Request(action, WRITTEN, administrator), FULL_ACCESS, kept["Content"]) == "denied"
    assert decide(Request("s3:GetObject", WRITTEN, administrator), FULL_ACCESS, kept["Content"]) == "allowed"
