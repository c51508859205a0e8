"""What a function finds in its environment when it runs from the source: its variables, and its own role's
credentials, which the emulator enforces.
"""

import os
import threading
import time
from typing import Any

from thestack.definition import names
from thestack.development.proxy import VARIABLE
from thestack.operations.aws import ACCOUNT, Aws, telling

_SECONDS = 12 * 3600
_SPARE = 600


class Identities:
    """The environments of a stack's deployed functions; `path` is where they find programs."""

    def __init__(self, aws: Aws, path: str) -> None:
        self._aws, self._path = aws, path
        self._lambda, self._sts = aws.client("lambda"), aws.client("sts")
        self._roles: dict[str, tuple[float, dict[str, str]]] = {}
        self._lock = threading.Lock()

    def variables(self, function: str) -> dict[str, str]:
        """All variables of a function, as Lambda would set them. Raises `OperationError`."""
        with telling(f"cannot read the settings of {function} at {self._aws.endpoint}"):
            found = self._lambda.get_function_configuration(FunctionName=function, Qualifier=names.LIVE)
            own = {
                name: value
                for name, value in found.get("Environment", {}).get("Variables", {}).items()
                if name != VARIABLE
            }
            return own | self._lambdas(found) | self._credentials(found["Role"])

    def _lambdas(self, found: dict[str, Any]) -> dict[str, str]:
        name = found["FunctionName"]
        return {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": self._aws.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": str(self._aws.endpoint),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(found["MemorySize"]),
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": found["Version"],
            "AWS_LAMBDA_LOG_GROUP_NAME": names.log_group(name),
            "AWS_REGION": self._aws.region,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "LANG": "C.UTF-8",
            "PATH": self._path,
            "TZ": ":UTC",
        }

    def _credentials(self, role: str) -> dict[str, str]:
        with self._lock:
            until, known = self._roles.get(role, (0.0, {}))
            if time.monotonic() < until:
                return known
            asked = {"RoleArn": role, "RoleSessionName": "source", "DurationSeconds": _SECONDS}
            given = self._sts.assume_role(**asked)["Credentials"]
            known = {
                "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
                "AWS_SESSION_TOKEN": given["SessionToken"],
            }
            self._roles[role] = (time.monotonic() + _SECONDS - _SPARE, known)
            return known


def live_arn(aws: Aws, function: str) -> str:
    """The ARN of a function's live alias on the local AWS."""
    return f"arn:aws:lambda:{aws.region}:{ACCOUNT}:function:{function}:{names.LIVE}"
