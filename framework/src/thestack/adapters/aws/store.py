"""Rows in a DynamoDB table."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from thestack.adapters.aws.items import WRITER, Item, key_of, row_of_image
from thestack.adapters.aws.writes import item_of_transaction
from thestack.ports.store import (
    Contention,
    Query,
    Row,
    RowKey,
    Stale,
    TransactionTooLarge,
    Write,
    check_size,
)

__all__ = ["DynamoStore", "row_of_image"]

BATCH = 100
TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 0.02, 0.4
HELD = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""Reasons of a cancelled transaction that pass by themselves."""
BUSY = frozenset(
    {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    }
)
"""Errors of a whole request that pass by themselves."""


class DynamoStore:
    """A service's table. `client` is boto3's low-level client of DynamoDB; `thestack.adapters.aws.items` says
    how a row is stored.

    A request is safe to repeat whose answer was lost. A transaction has a token for that, and an Add that
    comes alone is a transaction too: repeated without one, it would add twice. A Put that comes alone, at
    half the price, names its request in the item, and knows its own when that stands in its way.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    async def get(self, keys: Sequence[RowKey]) -> list[Row | None]:
        if len(keys) == 1:
            answer = await asyncio.to_thread(
                self._client.get_item, TableName=self._table, Key=key_of(keys[0]), ConsistentRead=True
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
        names = {"#pk": "pk" if query.local else f"{place}pk"}
        values = {":pk": query.pk}
        condition = "#pk = :pk"
        low, high = query.low or None, query.high  # the empty key, below all others, can't be asked for
        if high is not None and (not high or (low or "") > high):
            return []
        if low is not None and high is not None:
            condition += " AND #sk BETWEEN :low AND :high"
            values |= {":low": low, ":high": high}
        elif low is not None:
            condition += " AND #sk >= :low"
            values[":low"] = low
        elif high is not None:
            condition += " AND #sk <= :high"
            values[":high"] = high
        if "#sk" in condition:
            names["#sk"] = f"{place}sk"
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
            "ScanIndexForward": query.forward,
        }
        request |= {"IndexName": query.index} if query.index else {}
        request |= {"ConsistentRead": True} if query.local or not query.index else {}
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
        if not writes:
            return
        items = [item_of_transaction(write, self._table) for write in writes]
        alone = items[0].get("Put") if len(items) == 1 else None
        token = str(uuid4())
        for tried in range(1, TRIES + 1):
            try:
                if alone:
                    await self._put(writes[0].key, alone, token)
                else:
                    await asyncio.to_thread(
                        self._client.transact_write_items, TransactItems=items, ClientRequestToken=token
                    )
                return
            except ClientError as error:
                cancelled = _is_cancelled(error, writes)
                if tried == TRIES:
                    raise Contention(str(error)) from None
            if cancelled:
                token = str(uuid4())
            await asyncio.sleep(_wait(tried))

    async def discard(self, keys: Sequence[RowKey]) -> None:
        await asyncio.gather(
            *(
                asyncio.to_thread(self._client.delete_item, TableName=self._table, Key=key_of(key))
                for key in keys
            )
        )

    async def _get_batch(self, keys: Sequence[RowKey]) -> list[Row]:
        pending: Mapping[str, Any] = {
            self._table: {"Keys": [key_of(key) for key in keys], "ConsistentRead": True}
        }
        rows: list[Row] = []
        tried = 0
        while True:
            answer = await asyncio.to_thread(self._client.batch_get_item, RequestItems=pending)
            read = [row_of_image(item) for item in answer["Responses"].get(self._table, [])]
            rows += read
            pending = answer.get("UnprocessedKeys") or {}
            if not pending:
                return rows
            if read:
                tried = 0
                continue
            tried += 1
            if tried == TRIES:
                unread = len(pending[self._table]["Keys"])
                raise TimeoutError(f"{unread} rows of {self._table} stayed unread after {TRIES} tries")
            await asyncio.sleep(_wait(tried))

    async def _put(self, key: RowKey, request: Item, token: str) -> None:
        """Put one item, unless its condition fails over something else than the item itself."""
        request["Item"][WRITER] = {"S": token}
        try:
            await asyncio.to_thread(self._client.put_item, **request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            found = error.response.get("Item")
            if not found or found.get(WRITER) != request["Item"][WRITER]:
                raise Stale({key: row_of_image(found) if found else None}) from None


def _is_cancelled(error: ClientError, writes: Sequence[Write]) -> bool:
    """Whether a transaction that may be tried again is known to have written nothing.

    Where it is not, it may only be tried under its old token. Raises what the port promises for one that is
    not to be tried again.
    """
    reasons = error.response.get("CancellationReasons") or []
    codes = {reason.get("Code") for reason in reasons}
    stale = {
        write.key: row_of_image(reason["Item"]) if reason.get("Item") else None
        for write, reason in zip(writes, reasons, strict=False)
        if reason.get("Code") == "ConditionalCheckFailed"
    }
    if stale:
        raise Stale(stale) from None
    messages = [str(reason.get("Message")) for reason in reasons if reason.get("Code") == "ValidationError"]
    code = error.response["Error"]["Code"]
    if code == "ValidationException":
        messages.append(str(error))
    too_large = next((message for message in messages if "size" in message), None)
    if too_large or "ItemCollectionSizeLimitExceeded" in codes:
        raise TransactionTooLarge(too_large or str(error)) from None
    if code not in BUSY and codes.isdisjoint(HELD):
        raise error
    return bool(reasons)


def _wait(tried: int) -> float:
    """Exponential, with full jitter."""
    return random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**tried))  # noqa: S311 - spreads load, guards nothing
