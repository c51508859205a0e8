"""Functions' versions: which ones run, and how the router's next one is published."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from thestack.definition import names
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError

_SECONDS = 60.0
_STEP = 0.05


def functions_of(template: Mapping[str, Any]) -> list[str]:
    """The names of a template's functions."""
    resources = template["Resources"].values()
    return sorted(
        each["Properties"]["FunctionName"] for each in resources if each["Type"] == "AWS::Lambda::Function"
    )


def live_versions(aws: Aws, functions: Sequence[str]) -> dict[str, str]:
    """The version that the alias `live` of each function names."""
    client = aws.client("lambda")
    return {
        each: str(client.get_alias(FunctionName=each, Name=names.LIVE)["FunctionVersion"])
        for each in functions
    }


def version_arn(aws: Aws, function: str, version: str) -> str:
    """The ARN of a version, by which the router calls it."""
    return f"arn:aws:lambda:{aws.region}:{aws.account()}:function:{function}:{version}"


def publish(
    aws: Aws, function: str, bucket: str, key: str, handler: str, variables: Mapping[str, str], machine: str
) -> str:
    """Publish a version of a function with this code and these variables beside its own; answers its number.

    What the alias names is not touched. Raises `OperationError` where Lambda does not take it.
    """
    client = aws.client("lambda")
    client.update_function_code(FunctionName=function, S3Bucket=bucket, S3Key=key, Architectures=[machine])
    _settled(client, function)
    own = client.get_function_configuration(FunctionName=function).get("Environment", {}).get("Variables", {})
    client.update_function_configuration(
        FunctionName=function, Handler=handler, Environment={"Variables": {**own, **variables}}
    )
    _settled(client, function)
    version = str(client.publish_version(FunctionName=function)["Version"])
    _wait(
        lambda: _state(client, function, version).get("State", "Active") == "Active",
        f"version {version} of {function} does not become active",
    )
    return version


def switch(aws: Aws, function: str, version: str) -> None:
    """Have the alias `live` name this version."""
    aws.client("lambda").update_alias(FunctionName=function, Name=names.LIVE, FunctionVersion=version)


def collect(aws: Aws, function: str, keep: set[str]) -> list[str]:
    """Delete the versions of a function that no alias names, and that are not to be kept; answers those."""
    client = aws.client("lambda")
    aliases = client.list_aliases(FunctionName=function)["Aliases"]
    kept = keep | {"$LATEST"} | {str(each["FunctionVersion"]) for each in aliases}
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    gone = [each["Version"] for page in pages for each in page["Versions"] if each["Version"] not in kept]
    for version in gone:
        client.delete_function(FunctionName=function, Qualifier=version)
    return gone


def discard(aws: Aws, function: str, version: str) -> None:
    """Delete a version that was published in vain."""
    aws.client("lambda").delete_function(FunctionName=function, Qualifier=version)


def _settled(client: Any, function: str) -> None:
    def is_settled() -> bool:
        state = _state(client, function)
        status = str(state.get("LastUpdateStatus", "Successful"))
        if status == "Failed":
            raise OperationError(f"Lambda refuses {function}: {state.get('LastUpdateStatusReason')}")
        return status == "Successful"

    _wait(is_settled, f"the function {function} does not settle")


def _state(client: Any, function: str, version: str | None = None) -> dict[str, Any]:
    qualified = {"Qualifier": version} if version else {}
    found: dict[str, Any] = client.get_function_configuration(FunctionName=function, **qualified)
    return found


def _wait(done: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise OperationError(f"{otherwise} after {_SECONDS:.0f} s; deploy again")
        time.sleep(_STEP)
