"""Tables in the emulated account."""

from collections.abc import Sequence
from typing import Any

from framework.tests.adapters.emulator import Emulator


def create_table(emulator: Emulator, name: str, indexes: Sequence[str], local: Sequence[str]) -> str:
    """A table of rows with these indexes, and those that share its partitions. Answers its name."""
    keys = ["pk", "sk", *(f"{index}:{part}" for index in indexes for part in ("pk", "sk"))]
    keys += [f"{index}:sk" for index in local]
    emulator.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=_schema("pk", "sk"),
        GlobalSecondaryIndexes=[_index(index, f"{index}:pk") for index in indexes],
        LocalSecondaryIndexes=[_index(index, "pk") for index in local],
    )
    return name


def _index(name: str, partition: str) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": _schema(partition, f"{name}:sk"),
        "Projection": {"ProjectionType": "ALL"},
    }


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
