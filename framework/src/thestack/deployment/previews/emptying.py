"""Buckets emptied, for their stack to be deleted: CloudFormation deletes none that holds anything."""

from collections.abc import Sequence
from typing import Any

from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError


def resources(aws: Aws, stack: str, kind: str) -> Sequence[str]:
    """The physical ids of a stack's resources of a type."""
    pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    listed: list[dict[str, Any]] = [each for page in pages for each in page["StackResourceSummaries"]]
    return [
        each["PhysicalResourceId"]
        for each in listed
        if each["ResourceType"] == kind
        and each.get("PhysicalResourceId")
        and not each["ResourceStatus"].startswith("DELETE_COMPLETE")
    ]


def empty(aws: Aws, bucket: str, prefix: str = "") -> int:
    """Delete what lies in a bucket below a prefix, each version of it; answers how much.

    Raises `OperationError` where S3 keeps some of it.
    """
    s3, count = aws.client("s3"), 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        named = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if not named:
            continue
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})
        for error in answer.get("Errors", ()):
            raise OperationError(f"{error['Key']} of {bucket} can't be deleted: {error.get('Message')}")
        count += len(named)
    return count
