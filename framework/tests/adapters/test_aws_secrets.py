"""Secrets of an emulated AWS keep the promises of their port."""

import asyncio
import json
from dataclasses import replace
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from framework.tests.adapters.emulator import Emulator
from thestack.adapters.aws.secrets import ManagedSecrets, SsmSecrets
from thestack.operations.aws import Aws
from thestack.ports import MissingSecret
from thestack.testing.conformance import SecretsConformance

pytestmark = pytest.mark.aws


class Parameters:
    """A service's own part of the parameter store."""

    def __init__(self, emulator: Emulator) -> None:
        self._client, self.prefix = emulator.client("ssm"), f"/test/{uuid4()}/"
        self.store = SsmSecrets(self._client, self.prefix)

    async def keep(self, name: str, value: str) -> None:
        given = {"Name": f"{self.prefix}{name}", "Value": value, "Type": "SecureString", "Overwrite": True}
        await asyncio.to_thread(self._client.put_parameter, **given)


class Managed:
    """A service's own part of Secrets Manager."""

    def __init__(self, emulator: Emulator) -> None:
        self._client, self.prefix = emulator.client("secretsmanager"), f"test/{uuid4()}/"
        self._known: set[str] = set()
        self.store = ManagedSecrets(self._client, self.prefix)

    async def keep(self, name: str, value: str) -> None:
        id = f"{self.prefix}{name}"
        if name in self._known:
            await asyncio.to_thread(self._client.put_secret_value, SecretId=id, SecretString=value)
        else:
            await asyncio.to_thread(self._client.create_secret, Name=id, SecretString=value)
        self._known.add(name)


class TestSsmSecrets(SecretsConformance):
    @pytest.fixture
    def vault(self, emulator: Emulator) -> Parameters:
        return Parameters(emulator)


class TestManagedSecrets(SecretsConformance):
    @pytest.fixture
    def vault(self, emulator: Emulator) -> Managed:
        return Managed(emulator)

    async def test_bytes_are_no_text(self, emulator: Emulator) -> None:
        client, name = emulator.client("secretsmanager"), str(uuid4())
        await asyncio.to_thread(client.create_secret, Name=f"test/{name}", SecretBinary=b"1")
        with pytest.raises(MissingSecret, match="bytes"):
            await ManagedSecrets(client, "test/").fetch(name)


def acting(emulator: Emulator, action: str, resource: str) -> Aws:
    """Whoever may do this alone."""
    iam, name = emulator.client("iam"), f"reader-{uuid4()}"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    allowed = {"Effect": "Allow", "Action": action, "Resource": resource}
    iam.put_role_policy(
        RoleName=name, PolicyName="grants", PolicyDocument=json.dumps({"Statement": [allowed]})
    )
    given = {"RoleArn": role["Arn"], "RoleSessionName": "test"}
    keys = emulator.client("sts").assume_role(**given)["Credentials"]
    return replace(
        emulator.aws,
        access_key=keys["AccessKeyId"],
        secret_key=keys["SecretAccessKey"],
        token=keys["SessionToken"],
    )


async def test_the_right_to_read_a_parameter_is_to_that_one(emulator: Emulator) -> None:
    vault = Parameters(emulator)
    await vault.keep("mine", "1")
    await vault.keep("mine-too", "2")
    arn = f"arn:aws:ssm:{emulator.aws.region}:{emulator.account}:parameter{vault.prefix}mine"
    store = SsmSecrets(acting(emulator, "ssm:GetParameter", arn).client("ssm"), vault.prefix)
    assert await store.fetch("mine") == "1"
    with pytest.raises(ClientError, match="AccessDenied"):
        await store.fetch("mine-too")


async def test_the_right_to_read_a_managed_secret_is_to_that_one(emulator: Emulator) -> None:
    vault = Managed(emulator)
    await vault.keep("mine", "1")
    await vault.keep("mine-too", "2")
    arn = f"arn:aws:secretsmanager:{emulator.aws.region}:{emulator.account}:secret:{vault.prefix}mine-??????"
    reader = acting(emulator, "secretsmanager:GetSecretValue", arn)
    store = ManagedSecrets(reader.client("secretsmanager"), vault.prefix)
    assert await store.fetch("mine") == "1"
    with pytest.raises(ClientError, match="AccessDenied"):
        await store.fetch("mine-too")
