"""Faults that are real: a function's own role loses a right, and everything else goes its usual way."""

import json
from typing import Any

from thestack.operations.aws import Aws, telling

POLICY = "thestack-fault"


class Faults:
    """What is denied to one function, by an inline policy on its role."""

    def __init__(self, aws: Aws, function: str) -> None:
        self._iam = aws.client("iam")
        with telling(f"cannot find the function {function} at {aws.place}"):
            role = aws.client("lambda").get_function_configuration(FunctionName=function)["Role"]
        self._role = str(role).rpartition("/")[2]
        self._what = f"cannot change what the role {self._role} may do at {aws.place}"

    def deny(self, action: str) -> list[str]:
        """Deny the action, and keep denying what was denied before; answers all of it.

        Raises `OperationError`.
        """
        with telling(self._what):
            denied = sorted({action, *self._denied()})
            statement = {"Sid": "InjectedFault", "Effect": "Deny", "Action": denied, "Resource": "*"}
            document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            self._iam.put_role_policy(RoleName=self._role, PolicyName=POLICY, PolicyDocument=document)
        return denied

    def clear(self) -> bool:
        """Deny nothing any longer; answers whether anything was denied. Raises `OperationError`."""
        with telling(self._what):
            if not self._denied():
                return False
            self._iam.delete_role_policy(RoleName=self._role, PolicyName=POLICY)
            return True

    def _denied(self) -> list[str]:
        try:
            document: Any = self._iam.get_role_policy(RoleName=self._role, PolicyName=POLICY)[
                "PolicyDocument"
            ]
        except self._iam.exceptions.NoSuchEntityException:
            return []
        statement = (json.loads(document) if isinstance(document, str) else document)["Statement"][0]
        return list(statement["Action"])
