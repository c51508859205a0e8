"""The relay carries what is new in the outbox, and nothing else that happens to a table."""

import json
import subprocess
import sys
from typing import Any

from .test_imports import ENVIRONMENT

RUN = """
import json, sys
from thestack.entry.relay import handler
print(json.dumps(handler(json.load(sys.stdin), None)))
"""
BY_TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def relayed(*records: dict[str, Any]) -> Any:
    """What a fresh function answers. It has no network: whoever tries to carry something fails."""
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env={
            **ENVIRONMENT,
            "THESTACK_SERVICE": "services.todo.service",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "PYTHONPATH": ":".join(sys.path),
        },
        input=json.dumps({"Records": records}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "nothing to carry" in done.stdout
    return json.loads(done.stdout.splitlines()[-1])


def record(event: str, kind: str, **more: Any) -> dict[str, Any]:
    keys = {"pk": {"S": "outbox#main#1"}, "sk": {"S": "bus"}}
    row = {**keys, "_kind": {"S": kind}, "_v": {"N": "1"}, "expires": {"N": "1"}}
    images = {"OldImage": row} if event == "REMOVE" else {"NewImage": row}
    return {"eventName": event, "dynamodb": {"Keys": keys, "SequenceNumber": "1", **images}, **more}


def test_a_row_that_expired_has_no_effect() -> None:
    records = (record("REMOVE", kind, userIdentity=BY_TTL) for kind in ("Session", "unique", "outbox"))
    assert relayed(*records, record("MODIFY", "Session")) == {"batchItemFailures": []}
