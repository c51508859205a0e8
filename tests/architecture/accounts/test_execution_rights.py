"""What CloudFormation may do in an environment's account: make what its stacks hold, under its own names."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as SCHEMAS

from tests.architecture.accounts.conftest import Stacks
from tests.architecture.evaluating import Policy, Request, decide
from tests.architecture.resolved import ACCOUNT, NAME, Template, listed
from tests.architecture.synthesis import of_environment

LONGEST = 6144
"""Characters of a managed policy, white space left out."""
HELPERS = {"iam", "kms", "lakeformation", "logs", "s3"}
"""Services whose actions the handlers of others have beside their own, for what these stacks do without."""
UNUSED = re.compile("(Group|User)Policy|s3:DeleteObject|s3:PutObjectAcl")
"""Policies are attached to roles alone here, and what lies in buckets is not CloudFormation's."""


def policy(stacks: Stacks, account: str = "production") -> Policy:
    (found,) = stacks[f"deploy-{account}"].of_type("AWS::IAM::ManagedPolicy").values()
    document: Policy = found["PolicyDocument"]
    return document


@pytest.fixture(scope="module")
def production() -> Mapping[str, Template]:
    """The templates of the environment `production`, with all that its services have."""
    return {name: Template(each) for name, each in of_environment("production").items()}


@cache
def handled(kind: str) -> frozenset[str]:
    """What CloudFormation's registry says that making, changing and deleting this type takes of its own
    service.
    """
    handlers = SCHEMAS.get_resource_schema("us-east-1", kind).schema.get("handlers", {})
    actions = [
        action
        for step in ("create", "read", "update", "delete")
        for action in handlers.get(step, {}).get("permissions", ())
    ]
    if not actions:
        return frozenset()
    service = kind.split("::")[1].lower()
    if service not in HELPERS:
        actions = [each for each in actions if each.partition(":")[0] not in HELPERS]
        service = Counter(each.partition(":")[0] for each in actions).most_common(1)[0][0]
    return frozenset(each for each in actions if each.startswith(f"{service}:") and not UNUSED.search(each))


def is_anywhere_allowed(action: str, document: Policy) -> bool:
    """Whether there is anything that the action is allowed on: a pattern stands for what it matches."""
    places = {place for statement in document["Statement"] for place in listed(statement["Resource"])}
    return any(decide(Request(action, place), document) == "allowed" for place in places)


def test_every_type_of_the_templates_can_be_made_and_deleted(
    stacks: Stacks, production: Mapping[str, Template]
) -> None:
    kinds = {each["Type"] for template in production.values() for each in template.raw.values()}
    missing = {
        kind: sorted(action for action in handled(kind) if not is_anywhere_allowed(action, policy(stacks)))
        for kind in sorted(kinds)
    }
    assert {kind: actions for kind, actions in missing.items() if actions} == {}
    assert len([kind for kind in kinds if handled(kind)]) > 20


def named(template: Template) -> Iterator[tuple[str, str]]:
    """The type and ARN of each resource that has a name."""
    for kind in NAME:
        for id in template.of_type(kind):
            yield kind, template.resolve({"Fn::GetAtt": [id, "Arn"]})
    for properties in template.of_type("AWS::S3::Bucket").values():
        yield "AWS::S3::Bucket", f"arn:aws:s3:::{properties['BucketName']}"


CREATE = {
    "AWS::DynamoDB::Table": "dynamodb:CreateTable",
    "AWS::Events::EventBus": "events:CreateEventBus",
    "AWS::Lambda::Function": "lambda:CreateFunction",
    "AWS::S3::Bucket": "s3:CreateBucket",
    "AWS::SQS::Queue": "sqs:CreateQueue",
}


def test_what_has_a_name_is_made_under_the_environments_and_no_other(
    stacks: Stacks, production: Mapping[str, Template]
) -> None:
    document, kinds = policy(stacks), set[str]()
    for template in production.values():
        for kind, arn in named(template):
            if kind not in CREATE:
                continue
            kinds.add(kind)
            assert decide(Request(CREATE[kind], arn), document) == "allowed", arn
            others = arn.replace("production-", "acme-")
            assert others != arn
            assert decide(Request(CREATE[kind], others), document) == "not allowed", others
    assert kinds == CREATE.keys()


def iam(action: str, end: str, context: Mapping[str, str] | None = None) -> Request:
    return Request(f"iam:{action}", f"arn:aws:iam::{ACCOUNT}:{end}", context or {})


@pytest.mark.parametrize(
    ("asked", "decision"),
    [
        (iam("CreateRole", "role/production-todo-GraphqlRole1A2B3C"), "allowed"),
        (iam("PassRole", "role/production-todo-GraphqlRole1A2B3C"), "allowed"),
        (iam("CreateRole", "role/acme-todo-GraphqlRole1A2B3C"), "not allowed"),
        (iam("CreateRole", "role/administrator"), "not allowed"),
        (iam("PutRolePolicy", "role/production-deploy"), "denied"),
        (iam("UpdateAssumeRolePolicy", "role/production-deploy"), "denied"),
        (iam("CreatePolicyVersion", "policy/production-execution"), "denied"),
        (iam("PutRolePolicy", f"role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-eu-central-1"), "denied"),
        (iam("DeleteOpenIDConnectProvider", "oidc-provider/token.actions.githubusercontent.com"), "denied"),
        (iam("CreateUser", "user/production-somebody"), "not allowed"),
        (Request("ec2:RunInstances"), "not allowed"),
        (Request("organizations:LeaveOrganization"), "not allowed"),
        (Request("s3:GetObject", "arn:aws:s3:::production-media-images-111122223333/x"), "not allowed"),
    ],
    ids=lambda value: value.action + value.resource[-20:] if isinstance(value, Request) else value,
)
def test_what_guards_the_account_is_out_of_its_reach(stacks: Stacks, asked: Request, decision: str) -> None:
    assert decide(asked, policy(stacks)) == decision


def test_each_policy_fits(stacks: Stacks) -> None:
    found: list[dict[str, Any]] = [
        each for template in stacks.values() for each in template.of_type("AWS::IAM::ManagedPolicy").values()
    ]
    assert len(found) == 6
    for each in found:
        assert len(json.dumps(each["PolicyDocument"], separators=(",", ":"))) <= LONGEST
