"""Secrets in SSM's parameter store, and in Secrets Manager."""

import asyncio
from typing import Any

from thestack.ports.secrets import MissingSecret


class SsmSecrets:
    """Reads SecureStrings of the parameter store; `client` is boto3's of ssm, `prefix` begins their names."""

    def __init__(self, client: Any, prefix: str) -> None:
        self._client, self._prefix = client, prefix

    async def fetch(self, name: str) -> str:
        path = f"{self._prefix}{name}"
        try:
            answer = await asyncio.to_thread(self._client.get_parameter, Name=path, WithDecryption=True)
        except self._client.exceptions.ParameterNotFound:
            raise MissingSecret(f"there is no parameter {path}") from None
        return str(answer["Parameter"]["Value"])


class ManagedSecrets:
    """Reads Secrets Manager's; `client` is boto3's of secretsmanager, `prefix` begins their names."""

    def __init__(self, client: Any, prefix: str) -> None:
        self._client, self._prefix = client, prefix

    async def fetch(self, name: str) -> str:
        id = f"{self._prefix}{name}"
        try:
            answer = await asyncio.to_thread(self._client.get_secret_value, SecretId=id)
        except self._client.exceptions.ResourceNotFoundException:
            raise MissingSecret(f"there is no secret {id} in Secrets Manager") from None
        if "SecretString" not in answer:
            raise MissingSecret(f"the secret {id} in Secrets Manager is bytes, and must be text")
        return str(answer["SecretString"])
