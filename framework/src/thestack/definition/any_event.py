"""Every event there is, for a handler that hears them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from thestack.definition.json import Json
from thestack.definition.shapes import Event, ForeignEvent
from thestack.definition.tolerance import tolerantly

E = TypeVar("E", bound="Event | ForeignEvent")


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

    def read(self, event: type[E]) -> E | None:
        """The event as a class that declares it, of a foreign one with the fields that are read here.

        None where it is another event, another version of it, or its data is none of that class.
        """
        declared: Mapping[str, Any] = vars(event)["__declared__"].keywords
        if (self.name, self.version) != (declared["name"], declared["version"]):
            return None
        if self.source != declared.get("source", self.source):
            return None
        shape: Any = event
        try:
            if issubclass(event, ForeignEvent):
                return tolerantly(event, self.data)
            read: E = shape.model_validate(dict(self.data))
        except ValidationError:
            return None
        return read
