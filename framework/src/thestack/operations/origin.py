"""The secret by which the API knows CloudFront: made, rotated and forgotten, without anybody seeing it.

SSM keeps those that are accepted, apart by spaces. The first is the one that CloudFront says.
"""

import secrets

from thestack.definition import names
from thestack.operations.aws import Aws, telling

_BYTES = 32


def accepted(aws: Aws, environment: str) -> list[str]:
    """The secrets that the API accepts; [] before there is one. Raises `OperationError`."""
    client = aws.client("ssm")
    with telling(f"cannot read {names.origin_secret(environment)} at {aws.place}"):
        try:
            answer = client.get_parameter(Name=names.origin_secret(environment), WithDecryption=True)
        except client.exceptions.ParameterNotFound:
            return []
    return str(answer["Parameter"]["Value"]).split()


def said(aws: Aws, environment: str) -> str:
    """The secret that CloudFront is to say, which is made if there is none. Raises `OperationError`."""
    if kept := accepted(aws, environment):
        return kept[0]
    _keep(aws, environment, made := secrets.token_urlsafe(_BYTES))
    return made


def accept_another(aws: Aws, environment: str) -> None:
    """Let a new secret be accepted beside the one that CloudFront says; from now on it is to say the new one.

    Nothing happens while there are two. Raises `OperationError`.
    """
    kept = accepted(aws, environment)
    if len(kept) < 2:
        _keep(aws, environment, " ".join([secrets.token_urlsafe(_BYTES), *kept]))


def accept_one(aws: Aws, environment: str) -> None:
    """Let only the secret be accepted that CloudFront is to say. Raises `OperationError`."""
    _keep(aws, environment, said(aws, environment))


def forget(aws: Aws, environment: str) -> None:
    """Delete the secret, if there is one. Raises `OperationError`."""
    client = aws.client("ssm")
    with telling(f"cannot delete {names.origin_secret(environment)} at {aws.place}"):
        try:
            client.delete_parameter(Name=names.origin_secret(environment))
        except client.exceptions.ParameterNotFound:
            return


def _keep(aws: Aws, environment: str, value: str) -> None:
    name = names.origin_secret(environment)
    with telling(f"cannot set {name} at {aws.place}"):
        aws.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
