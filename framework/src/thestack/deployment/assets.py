"""The files that templates name, brought to the asset bucket of the account."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from thestack.definition import names
from thestack.infra.assembly import Asset
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError

_WORKERS = 4


def upload(aws: Aws, assets: Sequence[Asset]) -> tuple[str, ...]:
    """Put what is not there yet where the templates expect it; answers the places, "bucket/key".

    Raises `OperationError` where the account has no such bucket.
    """
    s3 = aws.client("s3")
    places = {(_resolved(asset.bucket, aws), _resolved(asset.key, aws)): asset.path for asset in assets}
    for bucket in sorted({bucket for bucket, _ in places}):
        _see_to(s3, aws, bucket)

    def put(place: tuple[tuple[str, str], Path]) -> None:
        (bucket, key), path = place
        if not _is_there(s3, bucket, key):
            with path.open("rb") as body:
                s3.put_object(Bucket=bucket, Key=key, Body=body)

    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(put, places.items()))
    return tuple(sorted(f"{bucket}/{key}" for bucket, key in places))


def asset_bucket(aws: Aws) -> str:
    """The bucket that `cdk bootstrap` makes once for each account and region."""
    return names.bootstrap_bucket(aws.account(), aws.region)


def execution_role(aws: Aws) -> dict[str, str]:
    """The role in which CloudFormation makes stacks, as its operations take it: that of `cdk bootstrap`, so
    that who deploys needs no right to make what is in them. An emulator has none.
    """
    if aws.endpoint:
        return {}
    account = aws.account()
    return {"RoleARN": f"arn:aws:iam::{account}:role/{names.bootstrap_role(account, aws.region)}"}


def _see_to(s3: Any, aws: Aws, bucket: str) -> None:
    if aws.endpoint:
        s3.create_bucket(Bucket=bucket)
        return
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        raise OperationError(
            f"the bucket {bucket} for templates' files is not there, or not yours; make it once with "
            f"`npx aws-cdk@2 bootstrap aws://{aws.account()}/{aws.region}`, then deploy again"
        ) from None


def _is_there(s3: Any, bucket: str, key: str) -> bool:
    """Whether the bucket has it: keys are the hashes of what they name."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


def _resolved(text: str, aws: Aws) -> str:
    if "${" not in text:
        return text
    known = {"${AWS::AccountId}": aws.account(), "${AWS::Region}": aws.region, "${AWS::Partition}": "aws"}
    for name, value in known.items():
        text = text.replace(name, value)
    return text
