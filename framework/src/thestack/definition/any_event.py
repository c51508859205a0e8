"""Every event there is, for a handler that hears them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from thestack.definition.json import Json


@dataclass(frozen=True, slots=True)
class AnyEvent:
    """An event of any service of this environment, also one that this service has never seen: its envelope,
    and its `data` as JSON has it.

    `id` is the same however often the event comes. `time` is when it was said, `subject` what it is about,
    `tenant` whose it is.

    Example: `async def record(events: Sequence[AnyEvent], /, *, ...)`.
    """

    id: str
    name: str
    version: int
    source: str
    subject: str
    time: datetime
    tenant: str
    data: Mapping[str, Json]
