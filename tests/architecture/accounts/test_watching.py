"""Nobody of the monitoring account reads a log: every policy that could let them is evaluated.

Cross-account, both sides must allow. Whoever asks is taken to be an administrator of the monitoring account,
so that the other side decides: policies of resources, what roles trust, and what a link shares. All logs
count as sensitive.
"""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.accounts.conftest import Stacks
from tests.architecture.conftest import synthesized
from tests.architecture.evaluating import FULL_ACCESS, Policy, Request, decide
from tests.architecture.resolved import Template, listed

PRODUCTION, MONITORING, LOGS, STRANGER = "111122223333", "777788889999", "888899990000", "999900001111"
METRICS, TRACES, GROUPS = "AWS::CloudWatch::Metric", "AWS::XRay::Trace", "AWS::Logs::LogGroup"
READING = (
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
    "logs:StartQuery",
    "logs:Unmask",
    "logs:PutSubscriptionFilter",
    "s3:GetObject",
    "s3:ListBucket",
    "kms:Decrypt",
    "firehose:PutRecord",
)
POLICIES = {
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::Logs::Destination": "DestinationPolicy",
    "AWS::Logs::ResourcePolicy": "PolicyDocument",
    "AWS::Logs::LogGroup": "ResourcePolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
}
"""By type: the property that says who may do something with a resource."""
All = Mapping[str, Template]


def root(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


@pytest.fixture
def everywhere(stacks: Stacks, folder: Path) -> All:
    """The templates of the organization, and those of production."""
    production = {name: Template(each) for name, each in synthesized("production", folder).items()}
    return {**stacks, **production}


def ways(templates: All) -> Iterator[str]:
    """By what somebody of the monitoring account comes to read a log."""
    for stack, template in templates.items():
        for id, resource in template.raw.items():
            properties = template.properties(id)
            kind = resource["Type"]
            if kind in POLICIES and (policy := document(properties.get(POLICIES[kind]))):
                yield from (f"{stack}/{id}: {action}" for action in READING if lets(policy, action))
            if kind == "AWS::IAM::Role" and lets(properties["AssumeRolePolicyDocument"], "sts:AssumeRole"):
                own = [each["PolicyDocument"] for each in properties.get("Policies", [])]
                # What else is attached is not looked into: a role that trusts monitoring has nothing such.
                beside = properties.get("ManagedPolicyArns", [])
                yield from (f"{stack}/{id}: assumed, {each}" for each in [*beside, *may(own)])
            if kind == "AWS::Oam::Link" and GROUPS in properties["ResourceTypes"]:
                yield f"{stack}/{id}: shares log groups"


def lets(policy: Policy, action: str) -> bool:
    """Whether the other side lets an administrator of the monitoring account do it with anything at all."""
    asked = [
        Request(action, resource, {"aws:PrincipalAccount": MONITORING, "aws:SecureTransport": "true"}, who)
        for statement in listed(policy["Statement"])
        for resource in listed(statement.get("Resource", "*"))
        for who in (root(MONITORING), MONITORING, f"arn:aws:iam::{MONITORING}:role/somebody")
    ]
    return any(decide(each, policy) == decide(each, FULL_ACCESS) == "allowed" for each in asked)


def may(policies: list[Policy]) -> list[str]:
    """What of reading these policies of a role allow."""
    statements = [each for policy in policies for each in listed(policy["Statement"])]
    resources = {each for statement in statements for each in listed(statement["Resource"])}
    return sorted(
        {
            action
            for action in READING
            for resource in resources
            if decide(Request(action, resource), *policies) == "allowed"
        }
    )


def document(policy: Any) -> Policy | None:
    """A policy, which some types write as text."""
    found: Policy | None = json.loads(policy) if isinstance(policy, str) else policy
    return found


def test_nobody_of_the_monitoring_account_reads_a_log(everywhere: All) -> None:
    kinds = {each["Type"] for template in everywhere.values() for each in template.raw.values()}
    assert {"AWS::Oam::Link", "AWS::Logs::Destination", "AWS::S3::BucketPolicy", "AWS::KMS::Key"} <= kinds
    assert list(ways(everywhere)) == []


def allow(**statement: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}


def _shares_groups(resources: dict[str, Any]) -> None:
    (link,) = (each for each in resources.values() if each["Type"] == "AWS::Oam::Link")
    link["Properties"]["ResourceTypes"].append(GROUPS)


def _trusts(resources: dict[str, Any]) -> None:
    trust = allow(Action="sts:AssumeRole", Principal={"AWS": root(MONITORING)})
    reads = {"PolicyName": "reads", "PolicyDocument": allow(Action="logs:*")}
    resources["Reader"] = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust, "Policies": [reads]},
    }


def _trusts_with_a_managed_policy(resources: dict[str, Any]) -> None:
    _trusts(resources)
    resources["Reader"]["Properties"] |= {
        "Policies": [],
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
    }


def _key_for_all(resources: dict[str, Any]) -> None:
    resources["Key"]["Properties"]["KeyPolicy"]["Statement"].append(
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": "*"}
    )


def _bucket_for_monitoring(resources: dict[str, Any]) -> None:
    (policy,) = (each for each in resources.values() if each["Type"] == "AWS::S3::BucketPolicy")
    said = policy["Properties"]["PolicyDocument"]
    kept = [each for each in said["Statement"] if each.get("Sid") != "NobodyElse"]
    read = allow(Action="s3:Get*", Resource="arn:aws:s3:::x/*", Principal={"AWS": MONITORING})
    said["Statement"] = [*kept, *read["Statement"]]


def _group_for_all(resources: dict[str, Any]) -> None:
    group = next(each for each in resources.values() if each["Type"] == "AWS::Logs::LogGroup")
    group["Properties"]["ResourcePolicyDocument"] = allow(Action="logs:*", Principal={"AWS": "*"})


def _takes_subscriptions(resources: dict[str, Any]) -> None:
    said = allow(Action="logs:PutSubscriptionFilter", Principal={"AWS": MONITORING})
    resources["Open"] = {
        "Type": "AWS::Logs::Destination",
        "Properties": {"DestinationPolicy": json.dumps(said)},
    }


@pytest.mark.parametrize(
    ("stack", "spoil", "found"),
    [
        ("production-monitoring", _shares_groups, "shares log groups"),
        ("production-todo", _trusts, "assumed, logs:GetLogEvents"),
        ("logs", _trusts_with_a_managed_policy, "assumed, arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"),
        ("logs", _key_for_all, "Key: kms:Decrypt"),
        ("logs", _bucket_for_monitoring, "s3:GetObject"),
        ("production-todo", _group_for_all, "logs:FilterLogEvents"),
        ("logs", _takes_subscriptions, "Open: logs:PutSubscriptionFilter"),
    ],
)
def test_whatever_would_let_them_is_found_out(
    everywhere: All, stack: str, spoil: Callable[[dict[str, Any]], None], found: str
) -> None:
    spoilt = copy.deepcopy(dict(everywhere[stack].document))
    spoil(spoilt["Resources"])
    assert [way for way in ways({stack: Template(spoilt)}) if way.endswith(found)]


def test_the_bucket_denies_others_whatever_is_allowed(stacks: Stacks) -> None:
    (bucket,) = stacks["logs"].of_type("AWS::S3::BucketPolicy").values()
    anybody, key = allow(Action="s3:GetObject", Principal="*"), f"arn:aws:s3:::thestack-logs-{LOGS}/logs/x"
    for account, decision in ((MONITORING, "denied"), (PRODUCTION, "denied"), (LOGS, "allowed")):
        context = {"aws:PrincipalAccount": account, "aws:SecureTransport": "true"}
        asked = Request("s3:GetObject", key, context, root(account))
        assert decide(asked, bucket["PolicyDocument"], anybody) == decision


@pytest.mark.parametrize(
    ("account", "types", "decision"),
    [
        (PRODUCTION, [METRICS, TRACES], "allowed"),
        (PRODUCTION, [METRICS], "allowed"),
        (PRODUCTION, [METRICS, GROUPS], "not allowed"),
        (PRODUCTION, [GROUPS], "not allowed"),
        (PRODUCTION, None, "not allowed"),
        (LOGS, [METRICS], "not allowed"),
        (STRANGER, [METRICS], "not allowed"),
    ],
)
def test_the_sink_takes_numbers_and_traces_of_the_organizations_environments(
    stacks: Stacks, account: str, types: list[str] | None, decision: str
) -> None:
    (sink,) = stacks["monitoring"].of_type("AWS::Oam::Sink").values()
    context = {} if types is None else {"oam:ResourceTypes": types}
    for action in ("oam:CreateLink", "oam:UpdateLink"):
        assert decide(Request(action, context=context, principal=root(account)), sink["Policy"]) == decision


def test_a_link_is_what_the_sink_takes(everywhere: All) -> None:
    (link,) = everywhere["production-monitoring"].of_type("AWS::Oam::Link").values()
    assert set(link["ResourceTypes"]) == {METRICS, TRACES}
    assert link["SinkIdentifier"].startswith(f"arn:aws:oam:eu-central-1:{MONITORING}:sink/")


@pytest.mark.parametrize(
    ("account", "decision"), [(PRODUCTION, "allowed"), (MONITORING, "not allowed"), (STRANGER, "not allowed")]
)
def test_environments_alone_send_logs(everywhere: All, account: str, decision: str) -> None:
    (destination,) = everywhere["logs"].of_type("AWS::Logs::Destination").values()
    policy = json.loads(destination["DestinationPolicy"])
    arn = f"arn:aws:logs:eu-central-1:{LOGS}:destination:thestack-logs"
    for action in ("logs:PutSubscriptionFilter", "logs:PutAccountPolicy"):
        assert decide(Request(action, arn, principal=account), policy) == decision
    shipped = account_policy(everywhere, "SUBSCRIPTION_FILTER_POLICY")
    assert shipped["Scope"] == "ALL"
    assert json.loads(shipped["PolicyDocument"])["DestinationArn"] == arn


def test_what_is_shipped_hides_addresses_and_credentials(everywhere: All) -> None:
    hidden = account_policy(everywhere, "DATA_PROTECTION_POLICY")
    assert hidden["Scope"] == "ALL"
    policy = json.loads(hidden["PolicyDocument"])
    find, hide = policy["Statement"]
    assert find["DataIdentifier"] == hide["DataIdentifier"]  # CloudWatch Logs takes nothing else
    assert hide["Operation"] == {"Deidentify": {"MaskConfig": {}}}
    known = {each.rpartition("/")[2] for each in hide["DataIdentifier"]}
    assert {"EmailAddress", "AwsSecretKey", "Token"} <= known


def account_policy(everywhere: All, kind: str) -> dict[str, Any]:
    policies = everywhere["production-monitoring"].of_type("AWS::Logs::AccountPolicy").values()
    (found,) = (each for each in policies if each["PolicyType"] == kind)
    return found


def test_logs_are_kept_encrypted_and_for_a_year(stacks: Stacks) -> None:
    (bucket,) = stacks["logs"].of_type("AWS::S3::Bucket").values()
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    (forget,) = bucket["LifecycleConfiguration"]["Rules"]
    assert forget["ExpirationInDays"] == 365
    (stream,) = stacks["logs"].of_type("AWS::KinesisFirehose::DeliveryStream").values()
    assert stream["ExtendedS3DestinationConfiguration"]["BucketARN"] == f"arn:aws:s3:::{bucket['BucketName']}"


def test_the_monitoring_account_has_a_graph_of_each_environment(stacks: Stacks) -> None:
    (dashboard,) = stacks["monitoring"].of_type("AWS::CloudWatch::Dashboard").values()
    for account in (PRODUCTION, "444455556666", "222233334444"):
        assert f'"accountId":"{account}"' in dashboard["DashboardBody"]
