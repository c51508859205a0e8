"""Who reaches which account, and what they may do there."""

import pytest

from deploy.accounts.example import organization
from tests.architecture.accounts.conftest import Stacks
from tests.architecture.evaluating import FULL_ACCESS, Request, decide

HOURS = {"administrator": "PT1H", "developer": "PT8H", "read-only": "PT8H", "billing": "PT4H"}
MANAGED = "arn:aws:iam::aws:policy"


def assignments(stacks: Stacks) -> dict[str, dict[str, set[str]]]:
    """By group, then by permission set, the names of the accounts."""
    center = organization.identity_center
    assert center is not None
    groups = {getattr(center, each): each for each in ("administrators", "developers", "auditors", "finance")}
    accounts = {each.id: each.name for each in organization.known}
    template = stacks["access"]
    sets = {
        f"{id}.PermissionSetArn": each["Name"]
        for id, each in template.of_type("AWS::SSO::PermissionSet").items()
    }
    found: dict[str, dict[str, set[str]]] = {}
    for each in template.of_type("AWS::SSO::Assignment").values():
        assert (each["PrincipalType"], each["TargetType"]) == ("GROUP", "AWS_ACCOUNT")
        rights = found.setdefault(groups[each["PrincipalId"]], {})
        rights.setdefault(sets[each["PermissionSetArn"]], set()).add(accounts[each["TargetId"]])
    return found


def test_who_reaches_which_account(stacks: Stacks) -> None:
    production, infrastructure = {"production", "acme"}, {"monitoring", "logs"}
    assert assignments(stacks) == {
        "administrators": {"administrator": {each.name for each in organization.known}},
        "developers": {
            "developer": {"integration", "preview", "dev-ada", "dev-grace"},
            "read-only": production | infrastructure,
        },
        "auditors": {"read-only": production | infrastructure | {"log-archive", "audit"}},
        "finance": {"billing": {"management"}},
    }


def test_sessions_end(stacks: Stacks) -> None:
    found = stacks["access"].of_type("AWS::SSO::PermissionSet").values()
    assert {each["Name"]: each["SessionDuration"] for each in found} == HOURS


def test_rights_are_awss_own_policies(stacks: Stacks) -> None:
    found = stacks["access"].of_type("AWS::SSO::PermissionSet").values()
    assert {each["Name"]: each["ManagedPolicies"] for each in found} == {
        "administrator": [f"{MANAGED}/AdministratorAccess"],
        "developer": [f"{MANAGED}/PowerUserAccess"],
        "read-only": [
            f"{MANAGED}/job-function/ViewOnlyAccess",
            f"{MANAGED}/CloudWatchReadOnlyAccess",
            f"{MANAGED}/AWSXrayReadOnlyAccess",
        ],
        "billing": [f"{MANAGED}/job-function/Billing"],
    }


@pytest.mark.parametrize(
    "action",
    [
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "s3:GetObject",
        "logs:FilterLogEvents",
        "logs:StartQuery",
        "logs:Unmask",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter",
        "sqs:ReceiveMessage",
        "kms:Decrypt",
    ],
)
def test_who_looks_at_production_sees_no_data(stacks: Stacks, action: str) -> None:
    """Whatever AWS's own policies come to allow: the evaluation takes them to allow everything."""
    (found,) = (
        each
        for each in stacks["access"].of_type("AWS::SSO::PermissionSet").values()
        if each["Name"] == "read-only"
    )
    assert decide(Request(action), FULL_ACCESS, found["InlinePolicy"]) == "denied"
    for seen in ("dynamodb:DescribeTable", "cloudwatch:GetMetricData", "xray:GetTraceSummaries"):
        assert decide(Request(seen), FULL_ACCESS, found["InlinePolicy"]) == "allowed"


def test_a_developer_hands_a_role_to_cloudformation_alone(stacks: Stacks) -> None:
    (found,) = (
        each
        for each in stacks["access"].of_type("AWS::SSO::PermissionSet").values()
        if each["Name"] == "developer"
    )
    role = "arn:aws:iam::555566667777:role/cdk-hnb659fds-cfn-exec-role-555566667777-eu-central-1"
    for service, decision in (("cloudformation", "allowed"), ("lambda", "not allowed")):
        asked = Request("iam:PassRole", role, {"iam:PassedToService": f"{service}.amazonaws.com"})
        assert decide(asked, found["InlinePolicy"]) == decision
    assert decide(Request("iam:CreateUser", "*"), found["InlinePolicy"]) == "not allowed"
