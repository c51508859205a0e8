"""What was discarded of an environment's dead letters, by whom and why, kept in CloudWatch Logs for good.

Accepted = effected + in flight + in a DLQ + explicitly rejected: these records are the last of the four.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from thestack.operations.aws import Aws, telling
from thestack.operations.dead_letter import DeadLetter


def log_group(environment: str) -> str:
    """The log group of the records; it has a stream for each consumer."""
    return f"/thestack/{environment}/discarded"


class Discards:
    """The records of one environment."""

    def __init__(self, aws: Aws, environment: str) -> None:
        self._logs, self._group = aws.client("logs"), log_group(environment)
        self._sts = aws.client("sts")
        self._what = f"cannot keep a record in the log group {self._group} at {aws.place}"

    def record(self, letter: DeadLetter, why: str) -> None:
        """Keep a letter, whole, with the reason for discarding it. Raises `OperationError`."""
        now = datetime.now(UTC)
        with telling(self._what):
            record = {
                "at": now.isoformat(),
                "by": self._sts.get_caller_identity()["Arn"],
                "why": why,
                "consumer": letter.consumer,
                "id": letter.id,
                "type": letter.type,
                "cause": letter.cause,
                "reason": letter.reason,
                "attempts": letter.attempts,
                "since": letter.since.isoformat(),
                "message": letter.said or letter.body,
            }
            line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            self._make(letter.consumer)
            self._logs.put_log_events(
                logGroupName=self._group,
                logStreamName=letter.consumer,
                logEvents=[{"timestamp": int(now.timestamp() * 1000), "message": line}],
            )

    def read(self) -> list[Mapping[str, Any]]:
        """All records, oldest first. Raises `OperationError`."""
        with telling(f"cannot read the log group {self._group}"):
            try:
                pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=self._group)
                return [json.loads(event["message"]) for page in pages for event in page["events"]]
            except self._logs.exceptions.ResourceNotFoundException:
                return []

    def _make(self, stream: str) -> None:
        exists = self._logs.exceptions.ResourceAlreadyExistsException
        for make, names in (
            (self._logs.create_log_group, {"logGroupName": self._group}),
            (self._logs.create_log_stream, {"logGroupName": self._group, "logStreamName": stream}),
        ):
            try:
                make(**names)
            except exists:
                continue
