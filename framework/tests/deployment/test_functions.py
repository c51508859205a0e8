"""Versions on the emulator: each keeps its code and its variables, and goes when nobody can call it."""

import io
import json
import zipfile
from typing import Any

import pytest

from thestack.deployment.functions import collect, publish, switch
from thestack.deployment.lock import deploying
from thestack.local.emulator import Emulator
from thestack.operations.errors import OperationError

CODE = """\
import os

def handler(event, context):
    print("called")
    return {"code": "%s", "told": os.environ.get("TOLD", "")}
"""
BUCKET = "code"


@pytest.fixture
def function(emulator: Emulator, request: pytest.FixtureRequest) -> str:
    """A function with one version, which its alias names."""
    s3, client = emulator.aws.client("s3"), emulator.aws.client("lambda")
    name = request.node.name[-40:]
    role = emulator.aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    s3.create_bucket(Bucket=BUCKET)
    for code in ("first", "second"):
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as file:
            file.writestr("code.py", CODE % code)
        s3.put_object(Bucket=BUCKET, Key=f"{code}.zip", Body=zipped.getvalue())
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="code.handler",
        Role=role,
        Code={"S3Bucket": BUCKET, "S3Key": "first.zip"},
    )
    version = client.publish_version(FunctionName=name)["Version"]
    client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    return name


def call(emulator: Emulator, function: str, qualifier: str) -> Any:
    answer = emulator.aws.client("lambda").invoke(FunctionName=function, Qualifier=qualifier, Payload=b"{}")
    return json.loads(answer["Payload"].read())


def test_a_new_version_is_beside_the_old_one_until_the_alias_moves(emulator: Emulator, function: str) -> None:
    aws = emulator.aws
    version = publish(aws, function, BUCKET, "second.zip", "code.handler", {"TOLD": "new"}, "x86_64")
    old, new = {"code": "first", "told": ""}, {"code": "second", "told": "new"}
    assert (call(emulator, function, "live"), call(emulator, function, version)) == (old, new)
    switch(aws, function, version)
    assert (call(emulator, function, "live"), call(emulator, function, "1")) == (new, old)
    switch(aws, function, "1")
    assert call(emulator, function, "live") == old


def test_versions_that_nobody_can_call_go_and_no_others(emulator: Emulator, function: str) -> None:
    aws = emulator.aws
    made = [
        publish(aws, function, BUCKET, "second.zip", "code.handler", {"TOLD": each}, "x86_64")
        for each in ("a", "b", "c")
    ]
    switch(aws, function, made[2])
    assert collect(aws, function, keep={made[1]}) == ["1", made[0]]
    assert [call(emulator, function, each)["told"] for each in made[1:]] == ["b", "c"]


def test_two_deployments_of_an_environment_never_interleave(emulator: Emulator) -> None:
    with deploying(emulator.aws, "one", "deploy todo"), deploying(emulator.aws, "other", "deploy todo"):
        with pytest.raises(OperationError) as caught, deploying(emulator.aws, "one", "deploy media"):
            pytest.fail("it was let in")
        assert "deploys to one since 20" in str(caught.value)
        assert "(deploy todo); wait for its end" in str(caught.value)
    with deploying(emulator.aws, "one", "deploy media"):
        pass


def test_a_lock_whose_holder_died_is_taken_over_by_its_name_alone(emulator: Emulator) -> None:
    aws = emulator.aws
    with deploying(aws, "dead", "deploy todo"):
        with pytest.raises(OperationError) as caught, deploying(aws, "dead", "mine", "wrong"):
            pytest.fail("it was let in")
        name = str(caught.value).rpartition("--take-over ")[2]
        with (
            deploying(aws, "dead", "mine", name),
            pytest.raises(OperationError, match="mine"),
            deploying(aws, "dead", "another"),
        ):
            pytest.fail("it was let in")
