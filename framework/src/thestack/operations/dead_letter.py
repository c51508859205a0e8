"""A dead letter: a message that a consumer, its queue or the bus gave up on, as its DLQ holds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from thestack.ports import Envelope

UNKNOWN = "unknown"
_DIED = "the function died or timed out, each time"
_PARKED = frozenset({"handler", "cause", "reason", "attempts"})


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message in the DLQ of `consumer`, "service.handler".

    `body` is what the consumer is given: the CloudEvent's JSON, if it is one. `attempts` are the consumer's;
    None where it did not live to count them. `since` is when the message came to the DLQ; one that was moved
    there because its function died keeps the time at which it came to the queue.
    """

    consumer: str
    message_id: str
    body: str
    cause: str
    reason: str
    attempts: int | None
    since: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """SQS's message attributes, as SQS takes them."""

    @property
    def envelope(self) -> Envelope | None:
        """The CloudEvent, if the body is one of ours."""
        try:
            return Envelope.from_json(self.body)
        except ValueError:
            return None

    @property
    def said(self) -> Mapping[str, Any]:
        """The body's fields, as far as it is a JSON object."""
        return _object(self.body)

    @property
    def id(self) -> str:
        """The event's or message's id, or SQS's where the body names none."""
        id = self.said.get("id")
        return id if isinstance(id, str) and id else self.message_id

    @property
    def type(self) -> str:
        """The event's name or the queue's address, or "" where the body names none."""
        return str(self.said.get("type", ""))

    def is_named(self, id: str) -> bool:
        """Whether the id, or a beginning of it, is this one's, or that of SQS's message."""
        return self.id.startswith(id) or self.message_id.startswith(id)


def letter_of(consumer: str, message: Mapping[str, Any]) -> DeadLetter:
    """The dead letter in a message as SQS answers it, with all attributes.

    Three put it there: the consumer, with its reasons; SQS, because the consumer died over it each time;
    EventBridge, which could not put it into the queue, as the event around the CloudEvent.
    """
    attributes = {
        name: {part: value[part] for part in ("DataType", "StringValue", "BinaryValue") if part in value}
        for name, value in message.get("MessageAttributes", {}).items()
    }
    told = {name: str(value.get("StringValue", "")) for name, value in attributes.items()}
    cause, reason, attempts = _why(told)
    return DeadLetter(
        consumer=consumer,
        message_id=message["MessageId"],
        body=_unwrapped(message["Body"]),
        cause=cause,
        reason=reason,
        attempts=attempts,
        since=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
        attributes=attributes,
    )


def _why(told: Mapping[str, str]) -> tuple[str, str, int | None]:
    if told.keys() >= _PARKED:
        return told["cause"], told["reason"], int(told["attempts"]) if told["attempts"].isdigit() else None
    if "ERROR_CODE" in told:
        retries = told.get("RETRY_ATTEMPTS", "some")
        message = told.get("ERROR_MESSAGE") or "no reason given"
        where = f"{told.get('RULE_ARN', 'its rule')} could not deliver it, after {retries} retries"
        return told["ERROR_CODE"], f"{message} ({where})", 0
    return UNKNOWN, _DIED, None


def _unwrapped(body: str) -> str:
    """The CloudEvent in an event of EventBridge's, which its rule would have taken out; else the body."""
    event = _object(body)
    detail = event.get("detail")
    if "detail-type" in event and isinstance(detail, dict):
        return json.dumps(detail, separators=(",", ":"), ensure_ascii=False)
    return body


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
