"""What production keeps: encrypted, recoverable, protected from deletion, and backed up in a locked vault."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from deploy.shared import add_shared
from tests.architecture.conftest import ROOT
from tests.architecture.synthesis import of_environment
from thestack.definition import names
from thestack.infra.backed_up import TAG
from thestack.infra.environment import Environment, load_environment
from thestack.infra.pieces import Backups

PRODUCTION = ("production", "acme")
HOLDING = (
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolGroup",
    "AWS::DynamoDB::Table",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
)
"""What holds what nobody can make anew."""
Resource = Mapping[str, Any]


@pytest.fixture(params=PRODUCTION)
def settings(request: pytest.FixtureRequest) -> Environment:
    return load_environment(ROOT, request.param)


@pytest.fixture
def templates(settings: Environment) -> Mapping[str, Mapping[str, Any]]:
    return of_environment(settings.name)


def of_type(templates: Mapping[str, Mapping[str, Any]], kind: str) -> Iterator[tuple[str, Resource]]:
    for stack, template in templates.items():
        for id, resource in template["Resources"].items():
            if resource["Type"] == kind:
                yield f"{stack}.{id}", resource


def test_whatever_holds_data_outlives_its_stack(templates: Mapping[str, Mapping[str, Any]]) -> None:
    held = [each for kind in HOLDING for each in of_type(templates, kind)]
    assert len(held) > 40
    for id, resource in held:
        assert resource.get("DeletionPolicy") == "Retain", id
        assert resource.get("UpdateReplacePolicy") == "Retain", id


def test_tables_are_encrypted_recoverable_protected_and_backed_up(
    templates: Mapping[str, Mapping[str, Any]], settings: Environment
) -> None:
    tables = list(of_type(templates, "AWS::DynamoDB::Table"))
    assert len(tables) == 4
    for id, table in tables:
        given = table["Properties"]
        assert given["SSESpecification"] == {"SSEEnabled": True}, id
        assert given["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, id
        assert given["DeletionProtectionEnabled"] is True, id
        assert {"Key": TAG, "Value": settings.name} in given["Tags"], id


def test_buckets_are_encrypted_and_those_with_versions_are_backed_up(
    templates: Mapping[str, Mapping[str, Any]], settings: Environment
) -> None:
    backed_up = 0
    for id, bucket in of_type(templates, "AWS::S3::Bucket"):
        given = bucket["Properties"]
        assert given["BucketEncryption"]["ServerSideEncryptionConfiguration"], id
        assert all(given["PublicAccessBlockConfiguration"].values()), id
        if {"Key": TAG, "Value": settings.name} in given.get("Tags", ()):
            assert given["VersioningConfiguration"] == {"Status": "Enabled"}, id
            backed_up += 1
    assert backed_up


def test_queues_and_users_are_encrypted_and_protected(templates: Mapping[str, Mapping[str, Any]]) -> None:
    for id, queue in of_type(templates, "AWS::SQS::Queue"):
        assert queue["Properties"]["SqsManagedSseEnabled"] is True, id
    ((id, users),) = of_type(templates, "AWS::Cognito::UserPool")
    assert users["Properties"]["DeletionProtection"] == "ACTIVE", id


def test_backups_lie_in_a_vault_that_gives_none_away_before_its_time(
    templates: Mapping[str, Mapping[str, Any]], settings: Environment
) -> None:
    assert settings.backups
    ((_, vault),) = of_type(templates, "AWS::Backup::BackupVault")
    assert vault["Properties"]["LockConfiguration"] == {"MinRetentionDays": settings.backups.keep_days}
    ((_, plan),) = of_type(templates, "AWS::Backup::BackupPlan")
    (rule,) = plan["Properties"]["BackupPlan"]["BackupPlanRule"]
    assert rule["Lifecycle"] == {"DeleteAfterDays": settings.backups.keep_days}
    assert rule["ScheduleExpression"] == settings.backups.schedule
    ((_, selection),) = of_type(templates, "AWS::Backup::BackupSelection")
    chosen = selection["Properties"]["BackupSelection"]
    assert chosen["Conditions"] == {
        "StringEquals": [{"ConditionKey": f"aws:ResourceTag/{TAG}", "ConditionValue": settings.name}]
    }


def test_what_backs_up_reads_this_environment_alone(
    templates: Mapping[str, Mapping[str, Any]], settings: Environment
) -> None:
    resources = templates[f"{settings.name}-backups"]["Resources"]
    (role,) = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::IAM::Role"]
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "backup.amazonaws.com"}
    assert "aws:SourceAccount" in trusted["Condition"]["StringEquals"]
    for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
        if statement["Sid"] == "LookAround":  # of what knows no resources
            continue
        written = str(statement["Resource"])
        assert f"{settings.name}-*" in written or "AwsBackupManagedRule" in written, statement["Sid"]
        assert not any(
            action.startswith(
                ("dynamodb:Put", "dynamodb:Update", "dynamodb:DeleteItem", "s3:PutObject", "s3:Delete")
            )
            for action in statement["Action"]
        )


def test_an_environment_may_do_without_backups_and_a_lock_may_be_for_good(folder: Path) -> None:
    production = load_environment(ROOT, "production")
    strict = Backups(keep_days=90, mode="compliance")
    app = cdk.App(outdir=str(folder / "backups"), analytics_reporting=False)
    add_shared(app, replace(production, backups=None), (names.BACKUPS,), None)
    add_shared(app, replace(production, name="strict", backups=strict), (names.BACKUPS,), None)
    (made,) = app.synth().stacks
    vault = made.template["Resources"]["Vault"]
    assert vault["Properties"]["LockConfiguration"] == {"ChangeableForDays": 3, "MinRetentionDays": 90}
