"""The envelope of everything that leaves a service: CloudEvents 1.0, JSON format."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event or a message on its way, as a CloudEvent (https://github.com/cloudevents/spec, v1.0.2).

    `type` is the event's name ("todo.created") or the queue's address ("notifications/email"); `source` the
    service
    that owns the event or sent the message; `subject` the aggregate's key. `sequence` is (epoch, n): n grows
    with each event of one
    aggregate, the epoch with each restore of the table. `hops` counts the handlers between the first cause
    and this. `partition_key` is what messages have in common that are taken in the order in which they were
    sent: CloudEvents' extension for it.
    """

    id: str
    type: str
    version: int
    source: str
    subject: str
    time: datetime
    tenant: str
    data: Mapping[str, Any]
    sequence: tuple[int, int] = (0, 0)
    traceparent: str | None = None
    correlation_id: str | None = None
    hops: int = 0
    partition_key: str | None = None

    def to_json(self) -> str:
        """The CloudEvents JSON of this envelope, compact."""
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "dataversion": self.version,
            "sequence": f"{self.sequence[0]}.{self.sequence[1]}",
            "tenant": self.tenant,
            "hops": self.hops,
            "data": dict(self.data),
        }
        if self.traceparent:
            event["traceparent"] = self.traceparent
        if self.correlation_id:
            event["correlationid"] = self.correlation_id
        if self.partition_key is not None:
            event["partitionkey"] = self.partition_key
        return json.dumps(event, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Envelope":
        """Parse a CloudEvents JSON. Raises `ValueError` naming what is missing or malformed."""
        try:
            event = json.loads(text)
            epoch, _, n = str(event.get("sequence", "0.0")).partition(".")
            return cls(
                id=event["id"],
                type=event["type"],
                version=int(event["dataversion"]),
                source=event["source"],
                subject=event["subject"],
                time=datetime.fromisoformat(event["time"]),
                tenant=event["tenant"],
                data=event["data"],
                sequence=(int(epoch), int(n or 0)),
                traceparent=event.get("traceparent"),
                correlation_id=event.get("correlationid"),
                hops=int(event.get("hops", 0)),
                partition_key=event.get("partitionkey"),
            )
        except KeyError as missing:
            raise ValueError(f"not a CloudEvent of ours: attribute {missing} is missing") from None
        except (TypeError, ValueError, AttributeError) as wrong:
            raise ValueError(f"not a CloudEvent of ours: {wrong}") from None
