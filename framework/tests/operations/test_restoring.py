"""A table restored on the emulator: what no backup holds, and what does not fit."""

from datetime import UTC, datetime
from typing import Any

import pytest

from thestack.local.emulator import Emulator
from thestack.operations.errors import OperationError
from thestack.operations.restoring import (
    Backup,
    PointInTime,
    Source,
    begin,
    complete,
    count,
    discard,
    is_there,
)

PROPERTIES: dict[str, Any] = {
    "DeletionProtectionEnabled": True,
    "GlobalSecondaryIndexes": [{"IndexName": "outbox"}],
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": {"SSEEnabled": True},
    "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    "Tags": [{"Key": "thestack:backup", "Value": "dev"}],
    "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
}


@pytest.fixture
def table(emulator: Emulator, request: pytest.FixtureRequest) -> str:
    """A table with one row, and an index."""
    name = "".join(each for each in request.node.name[-40:] if each.isalnum())
    keys = [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    client = emulator.aws.client("dynamodb")
    client.create_table(
        TableName=name,
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "outbox",
                "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    client.put_item(TableName=name, Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
    return name


@pytest.mark.parametrize("source", ["backup", "moment"])
def test_what_no_backup_holds_is_given_to_the_restored_table(
    emulator: Emulator, table: str, source: str
) -> None:
    aws, client, new = emulator.aws, emulator.aws.client("dynamodb"), f"{table}.2"
    arn = client.create_backup(TableName=table, BackupName="nightly")["BackupDetails"]["BackupArn"]
    sources: dict[str, Source] = {"backup": Backup(arn), "moment": PointInTime(datetime.now(UTC))}
    begin(aws, sources[source], table, new, PROPERTIES)
    for _ in range(2):  # again does no harm
        complete(aws, new, PROPERTIES)
    found = client.describe_table(TableName=new)["Table"]
    assert found["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert found["DeletionProtectionEnabled"] is True
    expiry = client.describe_time_to_live(TableName=new)["TimeToLiveDescription"]
    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires")
    recovery = client.describe_continuous_backups(TableName=new)["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"] == PROPERTIES["Tags"]
    assert (count(aws, new), count(aws, table)) == (1, 1)
    discard(aws, new)
    assert (is_there(aws, new), is_there(aws, table)) == (False, True)


def test_a_backup_of_another_time_has_other_indexes(emulator: Emulator, table: str) -> None:
    begin(emulator.aws, PointInTime(), table, f"{table}.2", PROPERTIES)
    wanted = {**PROPERTIES, "GlobalSecondaryIndexes": [{"IndexName": "Todo.by_created"}]}
    with pytest.raises(OperationError, match=r"missing are Todo\.by_created, further there are outbox"):
        complete(emulator.aws, f"{table}.2", wanted)
