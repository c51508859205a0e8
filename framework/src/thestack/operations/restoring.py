"""A table brought back from a backup: as a new one, which gets what a restore leaves out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError
from thestack.operations.waiting import wait

_SECONDS = 24 * 3600.0
"""How long a restore may take: on AWS some minutes for little, hours for hundreds of gigabytes."""
_STEP = 10.0


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup of DynamoDB's own, or of AWS Backup in DynamoDB's format, by its ARN."""

    arn: str


@dataclass(frozen=True, slots=True)
class PointInTime:
    """The table as it was at a moment; without one, as late as it can be had."""

    at: datetime | None = None


Source = Backup | PointInTime


def begin(aws: Aws, source: Source, of: str, table: str, properties: Mapping[str, Any]) -> None:
    """Begin to restore the table `of` into a new one. `properties` are a template's."""
    client = aws.client("dynamodb")
    encrypted = properties.get("SSESpecification", {}).get("SSEEnabled")
    override = {"SSESpecificationOverride": {"Enabled": True, "SSEType": "KMS"}} if encrypted else {}
    match source:
        case Backup(arn):
            client.restore_table_from_backup(BackupArn=arn, TargetTableName=table, **override)
        case PointInTime(at):
            when = {"RestoreDateTime": at} if at else {"UseLatestRestorableTime": True}
            client.restore_table_to_point_in_time(
                SourceTableName=of, TargetTableName=table, **when, **override
            )


def is_there(aws: Aws, table: str) -> bool:
    """Whether there is a table of this name."""
    client = aws.client("dynamodb")
    try:
        client.describe_table(TableName=table)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def complete(aws: Aws, table: str, properties: Mapping[str, Any]) -> None:
    """Wait until the table is restored, and give it what no backup holds: stream, expiry, point-in-time
    recovery, deletion protection and tags, as a template's `properties` have them. Doing it again does no
    harm.

    Raises `OperationError` where its keys or indexes are not those of the template.
    """
    client = aws.client("dynamodb")
    found = _active(aws, client, table)
    _check_indexes(table, found, properties)
    stream = properties.get("StreamSpecification")
    if stream and not found.get("StreamSpecification", {}).get("StreamEnabled"):
        client.update_table(TableName=table, StreamSpecification={"StreamEnabled": True, **stream})
        _active(aws, client, table)
    if properties.get("DeletionProtectionEnabled") and not found.get("DeletionProtectionEnabled"):
        client.update_table(TableName=table, DeletionProtectionEnabled=True)
        _active(aws, client, table)
    expiry = properties.get("TimeToLiveSpecification")
    now = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if expiry and now.get("TimeToLiveStatus") not in {"ENABLED", "ENABLING"}:
        client.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)
    recovery = properties.get("PointInTimeRecoverySpecification")
    if recovery:
        client.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=recovery)
    if tags := properties.get("Tags"):
        client.tag_resource(ResourceArn=found["TableArn"], Tags=tags)


def count(aws: Aws, table: str) -> int:
    """How many rows a table holds. Reads all of them."""
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName=table, Select="COUNT")
    return sum(page["Count"] for page in pages)


def discard(aws: Aws, table: str) -> None:
    """Delete a table that a drill restored, and wait until it is gone."""
    client = aws.client("dynamodb")
    client.update_table(TableName=table, DeletionProtectionEnabled=False)
    _active(aws, client, table)
    client.delete_table(TableName=table)
    _wait(aws, lambda: not is_there(aws, table), f"the table {table} is not deleted")


def _active(aws: Aws, client: Any, table: str) -> Mapping[str, Any]:
    """The table's description, once it can be used with all its indexes."""
    found: dict[str, Any] = {}

    def is_active() -> bool:
        found.update(client.describe_table(TableName=table)["Table"])
        indexes = found.get("GlobalSecondaryIndexes", ())
        return all(
            status == "ACTIVE"
            for status in (found["TableStatus"], *(each.get("IndexStatus", "ACTIVE") for each in indexes))
        )

    _wait(aws, is_active, f"the table {table} is not restored")
    return found


def _check_indexes(table: str, found: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
    there, wanted = (
        {each["IndexName"] for kind in _INDEXES for each in described.get(kind) or ()}
        for described in (found, properties)
    )
    if there != wanted:
        missing, further = (", ".join(sorted(each)) or "none" for each in (wanted - there, there - wanted))
        raise OperationError(
            f"the table {table} was restored with other indexes than the service declares now: missing are "
            f"{missing}, further there are {further}; make and drop these of the table, one at a time, "
            "and run the command again, without a source"
        )


_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def _wait(aws: Aws, done: Callable[[], bool], otherwise: str) -> None:
    advice = "run the command again, without a source"
    wait(aws, done, otherwise, seconds=_SECONDS, step=_STEP, advice=advice)
