"""The secrets of a service in an environment: which there must be, which there are, and new values for them.

Values go in, and never come out.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from thestack.definition import names
from thestack.definition.model import SecretModel, ServiceModel
from thestack.operations.aws import Aws, telling
from thestack.operations.errors import OperationError

PARAMETERS_MOST, MANAGED_MOST = 4096, 65_536
"""How many bytes a parameter of the standard tier holds, and a secret of Secrets Manager."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A secret that a service asks for: where it is kept, and when it was last set, None if it never was."""

    service: str
    name: str
    manager: bool
    place: str
    changed: datetime | None


def asked_for(model: ServiceModel) -> list[SecretModel]:
    """The secrets that handlers and providers of a service ask for, by name."""
    asking = [each for handler in model.handlers for each in handler.dependencies]
    asking += [each for provider in model.providers for each in provider.dependencies]
    found = {each.secret for each in asking if each.secret}
    return sorted(found, key=lambda each: (each.name, each.manager))


def place_of(environment: str, service: str, secret: SecretModel) -> str:
    """The name of a secret where it is kept."""
    named = names.secret if secret.manager else names.secret_parameter
    return named(environment, service, secret.name)


def kept(aws: Aws, environment: str, model: ServiceModel) -> list[Kept]:
    """The secrets of a service, and when each was last set. Raises `OperationError`."""
    found: list[Kept] = []
    for secret in asked_for(model):
        place = place_of(environment, model.name, secret)
        with telling(f"cannot look for {place} at {aws.place}"):
            changed = _managed_since(aws, place) if secret.manager else _parameter_since(aws, place)
        found.append(Kept(model.name, secret.name, secret.manager, place, changed))
    return found


def keep(aws: Aws, environment: str, service: str, secret: SecretModel, value: str) -> str:
    """Keep a value, in place of the one before if there is one; answers where.

    Raises `OperationError`, which says nothing of the value.
    """
    place, size = place_of(environment, service, secret), len(value.encode())
    most = MANAGED_MOST if secret.manager else PARAMETERS_MOST
    if size > most:
        instead = "" if secret.manager else "; ask for it by `secret(...)`, which holds more"
        raise OperationError(f"{place} holds {most} bytes at most, and this value has {size}{instead}")
    with telling(f"cannot set {place} at {aws.place}"):
        if secret.manager:
            client = aws.client("secretsmanager")
            try:
                client.put_secret_value(SecretId=place, SecretString=value)
            except client.exceptions.ResourceNotFoundException:
                client.create_secret(Name=place, SecretString=value)
        else:
            client = aws.client("ssm")
            client.put_parameter(Name=place, Value=value, Type="SecureString", Overwrite=True)
    return place


def _parameter_since(aws: Aws, place: str) -> datetime | None:
    named: list[dict[str, Any]] = [{"Key": "Name", "Option": "Equals", "Values": [place]}]
    answer = aws.client("ssm").describe_parameters(ParameterFilters=named)
    return next((each["LastModifiedDate"] for each in answer["Parameters"] if each["Name"] == place), None)


def _managed_since(aws: Aws, place: str) -> datetime | None:
    client = aws.client("secretsmanager")
    try:
        answer = client.describe_secret(SecretId=place)
    except client.exceptions.ResourceNotFoundException:
        return None
    found: datetime | None = answer.get("LastChangedDate") or answer.get("CreatedDate")
    return found
