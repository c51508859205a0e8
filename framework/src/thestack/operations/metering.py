"""What reading costs: a DynamoDB client that only reads, and notes what each request read, and for whom.

The units are estimates, by the rules of "DynamoDB read and write operations" in the Amazon DynamoDB
Developer Guide: a strongly consistent read takes one unit for 4 KB, an eventually consistent one half of it;
a query's items are summed up and then rounded up, those of a batch are rounded up one by one, and an item
that is not there takes as much as a small one. Sizes are those of "DynamoDB item sizes and formats".
"""

import math
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

UNIT = 4096
"""Bytes that one strongly consistent read unit reads."""
ENTITIES = "_entities"
"""What stands in for a resolver where entities are loaded by their keys, which no handler does."""
resolver: ContextVar[str] = ContextVar("resolver", default=ENTITIES)
"""The resolver that runs."""


class OnlyReads(Exception):
    """A write was asked for where nothing may change."""


@dataclass(frozen=True, slots=True)
class Read:
    """One request. `index` is None for the table's own key; `size` is in bytes, `units` in read units."""

    resolver: str
    operation: str
    table: str
    index: str | None
    key: str
    items: int
    size: int
    units: float
    consistent: bool


@dataclass(frozen=True, slots=True)
class ReadingClient:
    """Stands before a DynamoDB client of boto3: reads pass and are noted, nothing else passes."""

    client: Any
    reads: list[Read] = field(default_factory=list[Read])

    def get_item(self, **request: Any) -> Any:
        answer = self.client.get_item(**request)
        items = [answer["Item"]] if "Item" in answer else []
        consistent = bool(request.get("ConsistentRead"))
        units = read_units([sum(map(item_size, items))], consistent)
        self._note("GetItem", request["TableName"], None, _keys([request["Key"]]), items, units, consistent)
        return answer

    def batch_get_item(self, **request: Any) -> Any:
        answer = self.client.batch_get_item(**request)
        unread = answer.get("UnprocessedKeys") or {}
        for table, asked in request["RequestItems"].items():
            items = answer["Responses"].get(table, [])
            done = len(asked["Keys"]) - len(unread.get(table, {}).get("Keys", ()))
            sizes = [*map(item_size, items), *[0] * (done - len(items))]
            consistent = bool(asked.get("ConsistentRead"))
            units = read_units(sizes, consistent)
            self._note("BatchGetItem", table, None, _keys(asked["Keys"]), items, units, consistent)
        return answer

    def query(self, **request: Any) -> Any:
        answer = self.client.query(**request)
        items, consistent = answer["Items"], bool(request.get("ConsistentRead"))
        units = read_units([sum(map(item_size, items))], consistent)
        table, index = request["TableName"], request.get("IndexName")
        self._note("Query", table, index, _condition(request), items, units, consistent)
        return answer

    def __getattr__(self, name: str) -> Any:
        def refuse(**_: Any) -> None:
            raise OnlyReads(f"{name} was called where nothing may be written")

        return refuse

    def _note(
        self,
        operation: str,
        table: str,
        index: str | None,
        key: str,
        items: list[Mapping[str, Any]],
        units: float,
        consistent: bool,
    ) -> None:
        size = sum(map(item_size, items))
        read = Read(resolver.get(), operation, table, index, key, len(items), size, units, consistent)
        self.reads.append(read)


def read_units(sizes: list[int], consistent: bool) -> float:
    """The read units of sizes in bytes, each rounded up to 4 KB; nothing takes as much as a little."""
    whole = sum(max(1, math.ceil(size / UNIT)) for size in sizes)
    return float(whole) if consistent else whole / 2


def item_size(item: Mapping[str, Any]) -> int:
    """The bytes of an item as DynamoDB counts them: its attributes' names and values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            digits = len(content.lstrip("-").replace(".", "").strip("0"))
            return math.ceil(digits / 2) + 1
        case "B":
            return len(content)
        case "L":
            return 3 + sum(1 + _value_size(each) for each in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(each) for name, each in content.items())
        case _:
            return 1


def _condition(request: Mapping[str, Any]) -> str:
    """The key condition, with names and values in their places: `pk = "local#Todo#7"`."""
    text = str(request["KeyConditionExpression"])
    for short, name in request.get("ExpressionAttributeNames", {}).items():
        text = text.replace(short, name.rpartition(":")[2])
    for short, value in request.get("ExpressionAttributeValues", {}).items():
        text = text.replace(short, f'"{next(iter(value.values()))}"')
    return text


def _keys(keys: list[Mapping[str, Any]]) -> str:
    (first, *others) = (f"{key['pk']['S']}/{key['sk']['S']}" for key in keys)
    return f'key = "{first}"' + (f" and {len(others)} more" if others else "")
