"""Faults: a role loses a right and gets it back; whoever may not do that is told so."""

import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError

from thestack.local.emulator import Emulator
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError
from thestack.operations.faults import Faults

TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def policy(**statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def function(emulator: Emulator) -> str:
    """A function whose role may list queues."""
    iam, code = emulator.aws.client("iam"), io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): ...")
    role = iam.create_role(RoleName="faulty", AssumeRolePolicyDocument=policy(**TRUST))["Role"]["Arn"]
    may = policy(Effect="Allow", Action="sqs:ListQueues", Resource="*")
    iam.put_role_policy(RoleName="faulty", PolicyName="may", PolicyDocument=may)
    emulator.aws.client("lambda").create_function(
        FunctionName="faulty",
        Runtime="python3.12",
        Handler="main.handler",
        Role=role,
        Code={"ZipFile": code.getvalue()},
    )
    return "faulty"


def may_list(aws: Aws) -> bool:
    role = aws.client("iam").get_role(RoleName="faulty")["Role"]["Arn"]
    keys = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    acting = Aws(
        aws.endpoint,
        access_key=keys["AccessKeyId"],
        secret_key=keys["SecretAccessKey"],
        token=keys["SessionToken"],
    )
    try:
        acting.client("sqs").list_queues()
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        return False
    return True


def test_what_is_denied_is_refused_until_it_is_cleared(emulator: Emulator, function: str) -> None:
    faults = Faults(emulator.aws, function)
    assert may_list(emulator.aws)
    assert faults.deny("sqs:ListQueues") == ["sqs:ListQueues"]
    assert faults.deny("ses:SendEmail") == ["ses:SendEmail", "sqs:ListQueues"]
    assert not may_list(emulator.aws)
    assert faults.clear()
    assert may_list(emulator.aws)
    assert not faults.clear()


def test_who_may_not_change_roles_is_told_so_in_one_line(emulator: Emulator, function: str) -> None:
    iam = emulator.aws.client("iam")
    iam.create_user(UserName="reader")
    may = policy(Effect="Allow", Action="lambda:GetFunctionConfiguration", Resource="*")
    iam.put_user_policy(UserName="reader", PolicyName="may", PolicyDocument=may)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    reader = Aws(emulator.endpoint, access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])
    faults = Faults(reader, function)
    for act in (lambda: faults.deny("ses:SendEmail"), faults.clear):
        with pytest.raises(OperationError) as caught:
            act()
        assert str(caught.value).startswith("cannot change what the role faulty may do at http://127.0.0.1:")
        assert "\n" not in str(caught.value)
