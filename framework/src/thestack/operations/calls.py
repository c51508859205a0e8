"""The calls that functions make of AWS, as the emulator's CloudTrail has them, in the terms of IAM.

CloudTrail names an operation; IAM knows actions, and a transaction is the actions of its parts. Each function
says its name in the user agent of its calls (`names.APP_ID`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

PAGE = 50
"""How many events CloudTrail answers at once, at most."""
_APP = re.compile(r"(?:^|\s)app/(\S+)")
_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "ConditionCheck": "ConditionCheckItem",
}
_OF_OBJECTS = {"HeadObject": "GetObject", "ListObjects": "ListBucket", "POST.s3": "DeleteObject"}
"""What the emulator calls operations on objects; the last is DeleteObjects."""


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One action of IAM that a function used on a resource, by their physical names."""

    function: str
    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function; `uses` is what IAM had to allow for it."""

    id: str
    time: datetime
    uses: tuple[Use, ...]


def calls_since(cloudtrail: Any, moment: datetime) -> list[Call]:
    """The calls that functions made since then, latest first; `cloudtrail` is a boto3 client.

    CloudTrail gives the latest page alone, so that each page asks for what is older than the one before.
    """
    found: dict[str, Call] = {}
    seen: set[str] = set()
    until = datetime.now(UTC)
    while True:
        page = cloudtrail.lookup_events(StartTime=moment, EndTime=until, MaxResults=PAGE)["Events"]
        fresh = [event for event in page if event["EventId"] not in seen]
        seen |= {event["EventId"] for event in fresh}
        found |= {event["EventId"]: call for event in fresh if (call := call_of(event))}
        if len(page) < PAGE or not fresh:
            return list(found.values())
        until = min(event["EventTime"] for event in page)


def call_of(event: Mapping[str, Any]) -> Call | None:
    """The call in an event, or None if no function made it."""
    details = json.loads(event["CloudTrailEvent"])
    named = _APP.search(details["userAgent"])
    if named is None:
        return None
    source = str(event["EventSource"]).removesuffix(".amazonaws.com")
    resources = [str(each["ResourceName"]) for each in event.get("Resources", ())]
    needed = _needed(source, str(event["EventName"]), details.get("requestParameters") or {}, resources)
    uses = dict.fromkeys(Use(named[1], action, resource) for action, resource in needed)
    return Call(event["EventId"], event["EventTime"], tuple(uses))


def _needed(
    source: str, name: str, given: Mapping[str, Any], resources: list[str]
) -> Iterator[tuple[str, str]]:
    """The actions and resources that IAM is asked about for an operation."""
    match source, name:
        case "dynamodb", "TransactWriteItems" | "TransactGetItems":
            for item in given["TransactItems"]:
                for part, request in item.items():
                    yield f"dynamodb:{_TRANSACTION[part]}", request["TableName"]
        case "dynamodb", "BatchGetItem" | "BatchWriteItem":
            for table in given["RequestItems"]:
                yield f"dynamodb:{name}", table
        case "dynamodb", _:
            index = given.get("IndexName")
            yield f"dynamodb:{name}", f"{given['TableName']}/index/{index}" if index else given["TableName"]
        case "events", "PutEvents":
            for entry in given["Entries"]:
                yield "events:PutEvents", entry.get("EventBusName", "default")
        case "sqs", _:
            queue = str(given["QueueUrl"]).rpartition("/")[2]
            yield f"sqs:{name}", queue
            if name.endswith("Batch"):  # AWS has no action for a batch
                yield f"sqs:{name.removesuffix('Batch')}", queue
        case "lambda", "Invoke":
            yield "lambda:InvokeFunction", resources[0].partition(":function:")[2].partition(":")[0]
        case "s3", _ if resources:
            # Of a bucket's name the account's number is left out, which definitions do not know.
            yield f"s3:{_OF_OBJECTS.get(name, name)}", f"{resources[0].rpartition('-')[0]}-"
        case _:
            yield f"{source}:{name}", "*"
