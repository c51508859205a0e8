"""What must go for, or beside, a stack that is deleted: CloudFormation deletes no bucket that holds anything,
and no template.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from thestack.deployment.assets import asset_bucket
from thestack.deployment.stacks import TEMPLATES, template_key
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError

_HASHED = re.compile(r"[0-9a-f]{64}\.json")


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


def forget_templates(aws: Aws, stacks: Iterable[str]) -> None:
    """Delete the templates of these stacks that were too long for a request."""
    s3, bucket = aws.client("s3"), TEMPLATES if aws.endpoint else asset_bucket(aws)
    for stack in stacks:
        begin = template_key(stack, "")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=begin):
            for each in page.get("Contents", ()):
                if _HASHED.fullmatch(each["Key"].removeprefix(begin)):
                    s3.delete_object(Bucket=bucket, Key=each["Key"])
