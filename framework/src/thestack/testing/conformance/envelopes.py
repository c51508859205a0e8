"""Envelopes for the suites of what carries them."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from thestack.ports import Envelope

AWKWARD = 'Zoë \U0001f600 "quoted" <&> \x00 \x1f \x7f \u2028 \ufffe \uffff \U0010ffff\n'


def envelope(type: str = "todo.created", **data: Any) -> Envelope:
    """An event with an id of its own and everything in it that may be in one."""
    return Envelope(
        id=str(uuid4()),
        type=type,
        version=2,
        source="todo",
        subject="Todo/1",
        time=datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        tenant="main",
        data=data,
        sequence=(1, 7),
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        correlation_id="c-1",
        hops=3,
    )
