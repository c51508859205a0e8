"""Secrets of an emulated AWS keep the promises of their port."""

import asyncio
from uuid import uuid4

import pytest

from framework.tests.adapters.emulator import Emulator
from thestack.adapters.aws.secrets import ManagedSecrets, SsmSecrets
from thestack.ports import MissingSecret
from thestack.testing.conformance import SecretsConformance

pytestmark = pytest.mark.aws


class Parameters:
    """A service's own part of the parameter store."""

    def __init__(self, emulator: Emulator) -> None:
        self._client, self._prefix = emulator.client("ssm"), f"/test/{uuid4()}/"
        self.store = SsmSecrets(self._client, self._prefix)

    async def keep(self, name: str, value: str) -> None:
        given = {"Name": f"{self._prefix}{name}", "Value": value, "Type": "SecureString", "Overwrite": True}
        await asyncio.to_thread(self._client.put_parameter, **given)


class Managed:
    """A service's own part of Secrets Manager."""

    def __init__(self, emulator: Emulator) -> None:
        self._client, self._prefix = emulator.client("secretsmanager"), f"test/{uuid4()}/"
        self._known: set[str] = set()
        self.store = ManagedSecrets(self._client, self._prefix)

    async def keep(self, name: str, value: str) -> None:
        id = f"{self._prefix}{name}"
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
