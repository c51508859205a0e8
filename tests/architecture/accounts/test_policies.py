"""What the organization's policies allow and deny, evaluated: each both ways."""

import json
from collections import Counter
from collections.abc import Mapping

import pytest

from deploy.accounts import policies
from deploy.accounts.policies import LONGEST, MOST
from tests.architecture.accounts.conftest import Stacks
from tests.architecture.evaluating import FULL_ACCESS, Request, decide

HOME, EDGE, ELSEWHERE = "eu-central-1", "us-east-1", "ap-southeast-2"
PERSON = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_developer_0a1b/ada"
ROOT = "arn:aws:iam::111122223333:root"
CONTROL_TOWER = "arn:aws:iam::111122223333:role/AWSControlTowerExecution"
CLOUDFORMATION = "arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1"
ADMINISTRATOR = (
    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-central-1/"
    "AWSReservedSSO_administrator_0a1b2c3d"
)
BUCKET, OBJECT = "arn:aws:s3:::production-media-videos-111122223333", "arn:aws:s3:::production-media-videos/x"

TOLD = "ssm:/thestack/organization"
ROOT_UNIT = "ssm:/thestack/organization/root/id"
GROUPS = "http://acs.amazonaws.com/groups/global"
REGION = "aws:RequestedRegion"


def asked(action: str, context: Mapping[str, str], principal: str = PERSON) -> Request:
    return Request(action, BUCKET, {"aws:PrincipalArn": principal, REGION: HOME, **context})


def is_denied(document: policies.Document, request: Request) -> bool:
    """Whether an administrator of the account is refused by the policy."""
    return decide(request, FULL_ACCESS, document) == "denied"


REGIONS: list[tuple[str, str, bool]] = [
    ("dynamodb:CreateTable", HOME, False),
    ("dynamodb:CreateTable", EDGE, True),
    ("dynamodb:CreateTable", ELSEWHERE, True),
    ("ec2:RunInstances", ELSEWHERE, True),
    ("lambda:CreateFunction", EDGE, True),
    ("acm:RequestCertificate", EDGE, False),
    ("acm:RequestCertificate", ELSEWHERE, True),
    ("wafv2:CreateWebACL", EDGE, False),
    ("cloudformation:CreateStack", EDGE, False),
    ("iam:CreateRole", EDGE, False),
    ("route53:ChangeResourceRecordSets", EDGE, False),
    ("cloudfront:CreateDistribution", EDGE, False),
    ("sts:AssumeRole", ELSEWHERE, False),
]


@pytest.mark.parametrize(("action", "region", "denied"), REGIONS, ids=lambda value: str(value))
def test_work_is_done_in_the_organizations_regions(action: str, region: str, denied: bool) -> None:
    document = policies.allowed_regions([HOME])
    assert is_denied(document, asked(action, {REGION: region})) is denied
    assert not is_denied(document, asked(action, {REGION: region}, CONTROL_TOWER))


def test_an_organization_at_home_in_us_east_1_does_all_work_there() -> None:
    document = policies.allowed_regions([EDGE])
    assert not is_denied(document, asked("dynamodb:CreateTable", {REGION: EDGE}))
    assert is_denied(document, asked("dynamodb:CreateTable", {REGION: HOME}))


@pytest.mark.parametrize("action", ["s3:GetObject", "iam:CreateUser", "aws-portal:ModifyBilling"])
def test_the_root_user_does_nothing(action: str) -> None:
    assert is_denied(policies.no_root(), asked(action, {}, ROOT))
    assert not is_denied(policies.no_root(), asked(action, {}, ADMINISTRATOR))


def test_no_account_leaves() -> None:
    document = policies.no_leaving()
    assert is_denied(document, asked("organizations:LeaveOrganization", {}, ADMINISTRATOR))
    assert is_denied(document, asked("account:CloseAccount", {}, ADMINISTRATOR))
    assert not is_denied(document, asked("organizations:DescribeOrganization", {}, ADMINISTRATOR))


PUBLIC: list[tuple[str, Mapping[str, str], str, bool]] = [
    ("s3:PutAccountPublicAccessBlock", {}, ADMINISTRATOR, True),
    ("s3:PutAccountPublicAccessBlock", {}, CLOUDFORMATION, True),
    ("s3:GetAccountPublicAccessBlock", {}, PERSON, False),
    ("s3:PutBucketAcl", {"s3:x-amz-acl": "public-read"}, ADMINISTRATOR, True),
    ("s3:PutObject", {"s3:x-amz-acl": "public-read-write"}, CLOUDFORMATION, True),
    ("s3:PutObjectAcl", {"s3:x-amz-acl": "authenticated-read"}, PERSON, True),
    ("s3:PutObject", {"s3:x-amz-acl": "bucket-owner-full-control"}, PERSON, False),
    ("s3:PutObject", {}, PERSON, False),
    *(
        ("s3:PutObjectAcl", {f"s3:x-amz-grant-{right}": f'uri="{GROUPS}/{group}"'}, PERSON, True)
        for right in ("read", "write", "read-acp", "write-acp", "full-control")
        for group in ("AllUsers", "AuthenticatedUsers")
    ),
    ("s3:PutObjectAcl", {"s3:x-amz-grant-read": 'id="79a59df900b949e5"'}, PERSON, False),
    ("s3:PutBucketPolicy", {}, PERSON, True),
    ("s3:PutBucketPublicAccessBlock", {}, PERSON, True),
    ("s3:PutBucketPolicy", {}, CLOUDFORMATION, False),
    ("s3:PutBucketPublicAccessBlock", {}, CLOUDFORMATION, False),
    ("s3:PutBucketPolicy", {}, ADMINISTRATOR, False),
    ("s3:GetBucketPolicy", {}, PERSON, False),
]


@pytest.mark.parametrize(("action", "context", "principal", "denied"), PUBLIC)
def test_nobody_makes_a_bucket_public(
    action: str, context: Mapping[str, str], principal: str, denied: bool
) -> None:
    assert is_denied(policies.no_public_buckets(), asked(action, context, principal)) is denied


@pytest.mark.parametrize(
    ("action", "denied"),
    [
        ("cloudtrail:StopLogging", True),
        ("cloudtrail:DeleteTrail", True),
        ("cloudtrail:UpdateTrail", True),
        ("cloudtrail:PutEventSelectors", True),
        ("cloudtrail:LookupEvents", False),
        ("config:StopConfigurationRecorder", True),
        ("config:DeleteDeliveryChannel", True),
        ("config:DescribeConfigurationRecorders", False),
        ("guardduty:DeleteDetector", True),
        ("guardduty:UpdateDetector", True),
        ("guardduty:GetFindings", False),
    ],
)
def test_nobody_switches_off_what_tells_of_them(action: str, denied: bool) -> None:
    assert is_denied(policies.no_silence(), asked(action, {}, ADMINISTRATOR)) is denied
    assert not is_denied(policies.no_silence(), asked(action, {}, CONTROL_TOWER))


@pytest.mark.parametrize(
    ("action", "people", "deployments"),
    [
        ("logs:DeleteLogGroup", True, False),
        ("logs:PutRetentionPolicy", True, False),
        ("logs:DeleteDestination", True, False),
        ("logs:DeleteLogStream", True, True),
        ("logs:Unmask", True, True),
        ("logs:FilterLogEvents", False, False),
        ("s3:DeleteBucket", True, False),
        ("s3:DeleteObjectVersion", True, True),
        ("s3:BypassGovernanceRetention", True, True),
        ("s3:GetObject", False, False),
    ],
)
def test_gathered_logs_stay(action: str, people: bool, deployments: bool) -> None:
    document = policies.kept_logs()
    assert is_denied(document, asked(action, {}, ADMINISTRATOR)) is people
    assert is_denied(document, asked(action, {}, CLOUDFORMATION)) is deployments


def test_each_policy_fits_and_is_on_as_many_targets_as_there_may_be(stacks: Stacks) -> None:
    found = stacks["policies"].of_type("AWS::Organizations::Policy").values()
    control = [each for each in found if each["Type"] == "SERVICE_CONTROL_POLICY"]
    assert len(control) == 6
    for policy in control:
        assert len(json.dumps(policy["Content"])) <= LONGEST, policy["Name"]
    on = Counter(target for policy in control for target in policy["TargetIds"])
    # One is AWS's own; Control Tower adds up to two for its controls, to units alone.
    assert on[ROOT_UNIT] + 1 == MOST
    assert max(count for target, count in on.items() if target != ROOT_UNIT) + 1 + 2 <= MOST


def test_every_policy_holds_whom_it_is_for(stacks: Stacks) -> None:
    found = stacks["policies"].of_type("AWS::Organizations::Policy").values()
    root = [ROOT_UNIT]
    units = [f"{TOLD}/units/{unit}/id" for unit in ("production", "test", "developers", "infrastructure")]
    assert {each["Name"].removeprefix("thestack-"): each["TargetIds"] for each in found} == {
        "no-root": root,
        "no-leaving": root,
        "no-public-buckets": root,
        "no-silence": root,
        "block-public-access": root,
        "regions": units,
        "kept-logs": ["000022223333", "888899990000"],
    }
