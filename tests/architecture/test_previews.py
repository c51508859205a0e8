"""What a preview is made of: it can all be deleted, names nothing of the base but what its router calls, and
reaches nobody.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.architecture.conftest import ROOT, stacks_of
from tests.architecture.resolved import Template
from thestack.definition import names
from thestack.definition.load import models
from thestack.infra.environment import load_environment
from thestack.infra.previews import beside, held_queues

NAME, BASE = "pr-123", "preview"
KEPT = {"Retain", "RetainExceptOnCreate", "Snapshot"}
BORROWED = ("analytics", "media", "notifications")
TAKEN_DOWN = frozenset(
    {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Authorizer",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Route",
        "AWS::ApiGatewayV2::Stage",
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        "AWS::Cognito::UserPoolResourceServer",
        "AWS::DynamoDB::Table",
        "AWS::Events::EventBus",
        "AWS::Events::Rule",
        "AWS::Glue::Database",
        "AWS::Glue::Table",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Version",
        "AWS::Logs::LogGroup",
        "AWS::MediaConvert::Queue",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SES::ConfigurationSet",
        "AWS::SES::ConfigurationSetEventDestination",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        "AWS::SSM::Parameter",
        "AWS::Scheduler::Schedule",
        "AWS::Scheduler::ScheduleGroup",
    }
)
"""What CloudFormation deletes whatever it holds, and buckets, which `thestack preview down` empties."""
Stacks = Mapping[str, Template]


@pytest.fixture(scope="module")
def previews(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Stacks]:
    """One of todo alone, and one of everything, beside an environment that has all, and keeps it."""
    base, services = replace(load_environment(ROOT, "production"), name=BASE), models(ROOT)
    todo = [each for each in services if each.name == "todo"]
    small = beside(base, NAME, borrowed=BORROWED, held=held_queues(todo, ["todo"]))
    made: dict[str, Stacks] = {}
    for kind, settings, own in (("todo", small, todo), ("everything", beside(base, NAME), services)):
        stacks = stacks_of(settings, own, tmp_path_factory.mktemp(kind), extended=True)
        made[kind] = {name: Template(template) for name, template in stacks.items()}
    return made


@pytest.fixture(params=["todo", "everything"])
def stacks(request: pytest.FixtureRequest, previews: Mapping[str, Stacks]) -> Stacks:
    return previews[request.param]


def settings_in(value: Any) -> Iterator[tuple[str, Any]]:
    """Every property at any depth, by its name."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield key, below
            yield from settings_in(below)
    elif isinstance(value, list):
        for each in value:
            yield from settings_in(each)


def test_every_resource_can_be_deleted(stacks: Stacks) -> None:
    for template in stacks.values():
        for id, resource in template.raw.items():
            assert resource["Type"] in TAKEN_DOWN, f"{id}: who deletes a {resource['Type']}?"
            kept = KEPT & {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")}
            if resource["Type"] == "AWS::Lambda::Version":  # goes with its function, in the same stack
                function = template.raw[resource["Properties"]["FunctionName"]["Ref"]]
                kept = KEPT & {function.get("DeletionPolicy")}
            assert not kept, id
            for name, value in settings_in(resource.get("Properties", {})):
                is_protection = re.search("DeletionProtection|TerminationProtection|ObjectLock", name)
                assert not is_protection or value in {False, "INACTIVE"}, (id, name)


def test_no_function_writes_a_log_that_outlives_it(stacks: Stacks) -> None:
    for template in stacks.values():
        logs = {each["LogGroupName"] for each in template.of_type("AWS::Logs::LogGroup").values()}
        for each in template.of_type("AWS::Lambda::Function").values():
            assert names.log_group(each["FunctionName"]) in logs
    assert not any("logs:CreateLogGroup" in json.dumps(each.document) for each in stacks.values())


def test_of_the_base_it_names_the_subgraphs_that_its_router_calls_and_nothing_else(
    previews: Mapping[str, Stacks],
) -> None:
    policies = previews["todo"][f"{NAME}-platform"].of_type("AWS::IAM::Policy")
    (calling,) = (each for each in policies.values() if each["PolicyName"] == "call-base")
    (statement,) = calling["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "lambda:InvokeFunction")
    assert [each.split(":function:")[1] for each in statement["Resource"]] == [
        f"{BASE}-{service}-graphql:*" for service in BORROWED
    ]
    named = {
        kind: [found for each in stacks.values() for found in said_of_base(each)]
        for kind, stacks in previews.items()
    }
    assert named == {"todo": [f"{BASE}-{each}-graphql" for each in BORROWED], "everything": []}


def said_of_base(template: Template) -> list[str]:
    """All that begins as names and parameters of the base do."""
    return re.findall(rf"(?<![\w-]){BASE}-[\w-]+|/{BASE}/[\w/-]*", json.dumps(template.document))


def test_what_is_sent_to_others_is_held_in_queues_that_nobody_empties(previews: Mapping[str, Stacks]) -> None:
    stacks = previews["todo"]
    queues = {each["QueueName"] for each in stacks[f"{NAME}-platform"].of_type("AWS::SQS::Queue").values()}
    assert queues == {f"{NAME}-notifications-email", f"{NAME}-notifications-reminders"}
    relay = json.dumps(stacks[f"{NAME}-todo"].resolve(stacks[f"{NAME}-todo"].document["Resources"]))
    assert all(f":{queue}" in relay for queue in queues)


def test_no_function_can_reach_people(stacks: Stacks) -> None:
    for template in stacks.values():
        runs = {each["Role"] for each in template.of_type("AWS::Lambda::Function").values()}
        assert runs
        for role in template.of_type("AWS::IAM::Role").values():
            if "lambda.amazonaws.com" not in json.dumps(role["AssumeRolePolicyDocument"]):
                continue
            said = [each for policy in role["Policies"] for each in policy["PolicyDocument"]["Statement"]]
            denied = {each["Sid"]: each for each in said if each["Effect"] == "Deny"}
            assert {"sns:Publish", "ses:SendBulkEmail"} < {*denied["TellNobody"]["Action"]}
            mail, unsaid = denied["MailToNobody"], denied["MailToNobodyUnsaid"]
            assert set(mail["Action"]) == set(unsaid["Action"]) >= {"ses:SendEmail", "ses:SendRawEmail"}
            others = {"ForAnyValue:StringNotLike": {"ses:Recipients": ["*@simulator.amazonses.com"]}}
            assert (mail["Condition"], unsaid["Condition"]) == (others, {"Null": {"ses:Recipients": "true"}})
            assert all(each["Resource"] == "*" for each in denied.values())


def test_nothing_wakes_it_and_nobody_signs_up(stacks: Stacks) -> None:
    for template in stacks.values():
        assert {each["State"] for each in template.of_type("AWS::Scheduler::Schedule").values()} <= {
            "DISABLED"
        }
        rules = template.of_type("AWS::Events::Rule").values()
        assert not any("ScheduleExpression" in each for each in rules)
    (pool,) = stacks[f"{NAME}-platform"].of_type("AWS::Cognito::UserPool").values()
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


def test_its_tenant_is_its_own(stacks: Stacks) -> None:
    functions = stacks[f"{NAME}-platform"].of_type("AWS::Lambda::Function").values()
    (pre_token,) = (each for each in functions if each["FunctionName"] == f"{NAME}-pre-token")
    assert pre_token["Environment"]["Variables"]["THESTACK_DEFAULT_TENANT"] == NAME
