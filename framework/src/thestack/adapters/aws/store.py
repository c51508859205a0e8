"""Rows in a DynamoDB table."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from thestack.ports.store import (
    Contention,
    Put,
    Query,
    Row,
    RowKey,
    Stale,
    TransactionTooLarge,
    Write,
    check_size,
)

BATCH = 100
TRIES = 8
FIRST_WAIT = 0.02
RETRIED = frozenset(
    {
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingError",
        "ThrottlingException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    }
)
_serializer, _deserializer = TypeSerializer(), TypeDeserializer()

Item = dict[str, Any]


class DynamoStore:
    """A service's table. `client` is boto3's low-level client of DynamoDB.

    An item has `pk` and `sk`, the row's attributes under their own names, `_kind`, `_v`, `_gone`, `expires`,
    and for each index
    `<index>:pk` and `<index>:sk`.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    async def get(self, keys: Sequence[RowKey]) -> list[Row | None]:
        if len(keys) == 1:
            answer = await asyncio.to_thread(
                self._client.get_item, TableName=self._table, Key=_key(keys[0]), ConsistentRead=True
            )
            return [row_of_image(answer["Item"]) if "Item" in answer else None]
        wanted = list(dict.fromkeys(keys))
        chunks = [wanted[first : first + BATCH] for first in range(0, len(wanted), BATCH)]
        found: dict[RowKey, Row] = {}
        for rows in await asyncio.gather(*(self._get_batch(chunk) for chunk in chunks)):
            found |= {row.key: row for row in rows}
        return [found.get(key) for key in keys]

    async def query(self, query: Query) -> list[Row]:
        place = f"{query.index}:" if query.index else ""
        names = {"#pk": f"{place}pk"}
        values = {":pk": query.pk}
        condition = "#pk = :pk"
        if query.low is not None and query.high is not None:
            if query.low > query.high:
                return []
            condition += " AND #sk BETWEEN :low AND :high"
            values |= {":low": query.low, ":high": query.high}
        elif query.low is not None:
            condition += " AND #sk >= :low"
            values[":low"] = query.low
        elif query.high is not None:
            condition += " AND #sk <= :high"
            values[":high"] = query.high
        if "#sk" in condition:
            names["#sk"] = f"{place}sk"
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
            "ScanIndexForward": query.forward,
        }
        request |= {"IndexName": query.index} if query.index else {"ConsistentRead": True}
        rows: list[Row] = []
        while len(rows) < query.limit:
            answer = await asyncio.to_thread(self._client.query, **request, Limit=query.limit - len(rows))
            rows += [row_of_image(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return rows

    async def commit(self, writes: Sequence[Write]) -> None:
        check_size(writes)
        if len(writes) == 1:
            await _with_retries(lambda: self._write_one(writes[0]))
        elif writes:
            await _with_retries(lambda: self._write_all(writes))

    async def discard(self, keys: Sequence[RowKey]) -> None:
        await asyncio.gather(
            *(
                asyncio.to_thread(self._client.delete_item, TableName=self._table, Key=_key(key))
                for key in keys
            )
        )

    async def _get_batch(self, keys: Sequence[RowKey]) -> list[Row]:
        pending: Mapping[str, Any] = {
            self._table: {"Keys": [_key(key) for key in keys], "ConsistentRead": True}
        }
        rows: list[Row] = []
        for tried in range(TRIES):
            if tried:
                await asyncio.sleep(_wait(tried))
            answer = await asyncio.to_thread(self._client.batch_get_item, RequestItems=pending)
            rows += [row_of_image(item) for item in answer["Responses"].get(self._table, [])]
            pending = answer.get("UnprocessedKeys") or {}
            if not pending:
                return rows
        raise Contention(f"{len(pending[self._table]['Keys'])} rows stayed unread after {TRIES} tries")

    async def _write_one(self, write: Write) -> None:
        action, request = self._request(write)
        call = self._client.put_item if action == "Put" else self._client.update_item
        try:
            await asyncio.to_thread(call, **request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            stored = error.response.get("Item")
            raise Stale({write.row.key: row_of_image(stored) if stored else None}) from None

    async def _write_all(self, writes: Sequence[Write]) -> None:
        items = [dict([self._request(write)]) for write in writes]
        try:
            await asyncio.to_thread(self._client.transact_write_items, TransactItems=items)
        except ClientError as error:
            reasons = error.response.get("CancellationReasons")
            if not reasons:
                raise
            codes = [reason.get("Code") for reason in reasons]
            stale = {
                write.row.key: row_of_image(reason["Item"]) if reason.get("Item") else None
                for write, reason, code in zip(writes, reasons, codes, strict=True)
                if code == "ConditionalCheckFailed"
            }
            if stale:
                raise Stale(stale) from None
            if not RETRIED.isdisjoint(codes):
                raise Contention("another transaction holds one of these rows") from None
            raise

    def _request(self, write: Write) -> tuple[str, dict[str, Any]]:
        """The action of one write, and its request."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if isinstance(write, Put):
            request["Item"] = _serialized(_item(write.row))
            if write.expect is None:
                request["ConditionExpression"] = "attribute_not_exists(pk)"
            else:
                request["ConditionExpression"] = "#v = :expect"
                request["ExpressionAttributeNames"] = {"#v": "_v"}
                request["ExpressionAttributeValues"] = {":expect": {"N": str(write.expect)}}
            return "Put", request
        item = _item(write.row)
        deltas = {**write.deltas, "_v": 1}
        kept = {name: value for name, value in item.items() if name not in (*deltas, "pk", "sk")}
        names = [*deltas, *kept]
        placeholder = {name: f"#n{number}" for number, name in enumerate(names)}
        value = {name: f":v{number}" for number, name in enumerate(names)}
        adds = ", ".join(f"{placeholder[name]} {value[name]}" for name in deltas)
        sets = ", ".join(
            f"{placeholder[name]} = if_not_exists({placeholder[name]}, {value[name]})" for name in kept
        )
        return "Update", {
            "TableName": self._table,
            "Key": _key(write.row.key),
            "UpdateExpression": f"ADD {adds} SET {sets} REMOVE #gone",
            "ExpressionAttributeNames": {
                **{short: name for name, short in placeholder.items()},
                "#gone": "_gone",
            },
            "ExpressionAttributeValues": _serialized(
                {value[name]: {**kept, **deltas}[name] for name in names}
            ),
        }


def row_of_image(image: Mapping[str, Any]) -> Row:
    """The row in an item as DynamoDB and its streams write it.

    Raises `KeyError` if it is not an item of ours.
    """
    item = {name: _plain(_deserializer.deserialize(value)) for name, value in image.items()}
    indexes = {name.removesuffix(":pk"): item for name in item if name.endswith(":pk")}
    own = {"pk", "sk", "_kind", "_v", "_gone", "expires"}
    return Row(
        key=RowKey(item["pk"], item["sk"]),
        kind=item["_kind"],
        version=item["_v"],
        attributes={name: value for name, value in item.items() if name not in own and ":" not in name},
        indexes={name: RowKey(item[f"{name}:pk"], item[f"{name}:sk"]) for name in indexes},
        gone=bool(item.get("_gone")),
        expires=item.get("expires"),
    )


def _item(row: Row) -> Item:
    item: Item = {"pk": row.key.pk, "sk": row.key.sk, "_kind": row.kind, "_v": row.version, **row.attributes}
    for name, place in row.indexes.items():
        item |= {f"{name}:pk": place.pk, f"{name}:sk": place.sk}
    if row.gone:
        item["_gone"] = True
    if row.expires is not None:
        item["expires"] = row.expires
    return item


def _key(key: RowKey) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _serialized(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serializer.serialize(_exact(value)) for name, value in values.items()}


def _exact(value: Any) -> Any:
    """Floats as decimals, which is what DynamoDB stores."""
    match value:
        case float():
            return Decimal(repr(value))
        case dict():
            return {name: _exact(each) for name, each in value.items()}
        case list() | tuple():
            return [_exact(each) for each in value]
        case _:
            return value


def _plain(value: Any) -> Any:
    """Decimals as the JSON numbers that they were."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case _:
            return value


async def _with_retries(attempt: Callable[[], Awaitable[None]]) -> None:
    """Try while others hold the rows. Raises `Contention` when that does not end."""
    for tried in range(1, TRIES + 1):
        try:
            await attempt()
        except Contention:
            if tried == TRIES:
                raise
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ValidationException" and "size" in str(error):
                raise TransactionTooLarge(str(error)) from None
            if code not in RETRIED:
                raise
            if tried == TRIES:
                raise Contention(str(error)) from None
        else:
            return
        await asyncio.sleep(_wait(tried))


def _wait(tried: int) -> float:
    """Exponential, with full jitter."""
    return random.uniform(0, FIRST_WAIT * 2**tried)  # noqa: S311 - spreads load, guards nothing
