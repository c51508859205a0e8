"""What functions logged, read from CloudWatch Logs: the same on the local stack and on AWS."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from thestack.definition import names
from thestack.operations.aws import Aws, telling
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Pause
from thestack.operations.records import Record, parse

MOST = 10_000
"""Lines that are read of one function at once."""
_AT_ONCE = 4
_REQUESTS_A_SECOND = 8
"""CloudWatch takes ten of these a second of a whole account."""
_SHORTEST_PAUSE = 0.5
_LATE = timedelta(seconds=15)
"""How much later than it was written a line may appear."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that a function logged, with the log's own time of it."""

    at: datetime
    function: str
    text: str
    id: str

    @property
    def record(self) -> Record | None:
        """The record in it, if it is one."""
        return parse(self.text, self.function, self.at)


class Logs:
    """The logs of some functions. A function that has not logged yet has no lines."""

    def __init__(self, aws: Aws, functions: Sequence[str]) -> None:
        self._functions, self._client = functions, aws.client("logs")
        self._what = f"cannot read the logs at {aws.place}"

    def read(self, since: datetime, phrase: str = "") -> list[Line]:
        """The lines since a moment, oldest first; where `phrase` is given, those that have it in them.

        Raises `OperationError`, also when there are more than `MOST` of one function.
        """
        with telling(self._what), ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(lambda function: self._lines(function, since, phrase), self._functions)
            return sorted((line for lines in found for line in lines), key=lambda line: line.at)

    def follow(self, since: datetime, pause: Pause, phrase: str = "") -> Iterator[list[Line]]:
        """As `read`, and then for ever those lines that are new, until `pause` raises."""
        seen: dict[str, datetime] = {}
        while True:
            new = [line for line in self.read(since, phrase) if line.id not in seen]
            seen |= {line.id: line.at for line in new}
            if new:
                since = max(since, new[-1].at - _LATE)
                seen = {id: at for id, at in seen.items() if at >= since}
            yield new
            pause(max(_SHORTEST_PAUSE, len(self._functions) / _REQUESTS_A_SECOND))

    def _lines(self, function: str, since: datetime, phrase: str) -> list[Line]:
        asked: dict[str, Any] = {
            "logGroupName": names.log_group(function),
            "startTime": int(since.timestamp() * 1000),
            **({"filterPattern": f'"{phrase}"'} if phrase else {}),
        }
        lines: list[Line] = []
        try:
            for page in self._client.get_paginator("filter_log_events").paginate(**asked):
                lines += [_line(function, event) for event in page["events"]]
                if len(lines) >= MOST:
                    raise OperationError(
                        f"{function} logged more than {MOST} lines since {since:%Y-%m-%d %H:%M:%S} UTC; "
                        "ask for less with --since"
                    )
        except self._client.exceptions.ResourceNotFoundException:
            return []
        return lines


def _line(function: str, event: dict[str, Any]) -> Line:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    text = str(event["message"]).rstrip("\n")
    # The emulator gives lines of functions no id.
    id = event.get("eventId") or f"{event.get('logStreamName')} {event['timestamp']} {text}"
    return Line(at, function, text, id)
