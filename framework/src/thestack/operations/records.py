"""The record that every function logs of each request, event and message, read back from a log."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

WENT_WELL = frozenset({"ok", "effected", "duplicate", "passed"})
"""The outcomes that are nobody's concern. Every other is a code, or says that something was put off or given
up.
"""


@dataclass(frozen=True, slots=True)
class Caused:
    """An event or message that a run committed."""

    id: str
    type: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a subgraph, as the router saw it. `why` is what the transport said of a failure."""

    service: str
    outcome: str
    ms: float = 0
    why: str = ""
    retried: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """What was raised. The traceback has frames of the service's own files, and ends at the last of them."""

    type: str
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a function said of one request, event or message, when it was done with it.

    `service` and `trigger` say who: the router ("router", "http"), a subgraph ("todo", "graphql"), a relay
    ("todo", "relay"), a consumer ("analytics", "count"). Of what does not concern it a record holds nothing.
    """

    at: datetime
    function: str
    service: str
    trigger: str
    outcome: str
    """ok, or error codes joined by commas; of a consumer effected, duplicate, passed, retry, parked; of a
    relay refused.
    """
    ms: float
    level: str = "INFO"
    correlation_id: str = ""
    """Common to everything that one click caused."""

    door: str = ""
    status: int = 0
    operation: str = ""
    """Of GraphQL: its kind, and its name where it has one: "mutation Complete"."""
    fields: tuple[str, ...] = ()
    subgraphs: tuple[Call, ...] = ()

    event_id: str = ""
    message_id: str = ""
    """Of a consumer: what its queue calls the message, which differs each time that it is sent."""
    type: str = ""
    attempt: int = 0
    destination: str = ""
    """Of a relay: "bus", or a queue's address."""
    waited: float = 0
    """Milliseconds from when the event was said until this run began."""

    caused: tuple[Caused, ...] = ()
    mails: tuple[str, ...] = ()
    """The mail provider's ids of the e-mails that this run sent."""
    error: Failure | None = None

    @property
    def began(self) -> datetime:
        """When the run began."""
        return self.at - timedelta(milliseconds=self.ms)

    @property
    def who(self) -> str:
        """Whose record it is, as commands name it: "todo.graphql"."""
        return f"{self.service}.{self.trigger}"

    @property
    def went_well(self) -> bool:
        """Whether there is nothing to look at."""
        return self.outcome in WENT_WELL

    def as_json(self) -> dict[str, Any]:
        """Everything that the record holds."""
        said = {name: value for name, value in asdict(self).items() if value or name == "ms"}
        return {**said, "at": self.at.isoformat()}


_RECORD = TypeAdapter(Record)


def parse(line: str, function: str, at: datetime) -> Record | None:
    """The record in a line of a function's log; `at` is the log's time of it, for a line that names none.

    None for what is no record: a library's words, a print, what Lambda itself writes.
    """
    try:
        said = json.loads(line)
        when = said.get("timestamp", at)
        return _RECORD.validate_python({**said, "at": when, "function": function})
    except (
        AttributeError,
        TypeError,
        ValueError,
    ):  # no JSON, no object, or not ours; ValidationError is a ValueError
        return None
