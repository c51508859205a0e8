"""A hook's function answers the events of the HTTP API."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .test_imports import ENVIRONMENT

TESTS = Path(__file__).parents[1]
RUN = """
import json, sys
from types import SimpleNamespace
from thestack.entry.hook import handler
for event in json.load(sys.stdin):
    print("answer", json.dumps(handler(event, SimpleNamespace(aws_request_id="r"))))
"""


def event(method: str, **more: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": "/public/hooks/main/echo/say",
        "rawQueryString": "",
        "headers": {},
        "requestContext": {"http": {"method": method}, "requestId": "request-1"},
        "pathParameters": {"tenant": "main"},
        "isBase64Encoded": False,
        **more,
    }


def test_what_the_api_hands_over_is_what_the_handler_is_asked() -> None:
    form = base64.b64encode(b"name=Zo%C3%AB").decode()
    events = [
        {},
        event("GET", rawQueryString="a=1&a=2&b=%26", headers={"X-Own": "yes"}),
        event("POST", headers={"Content-Type": "application/x-www-form-urlencoded"}, body="name=Bo"),
        event(
            "POST",
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=form,
            isBase64Encoded=True,
        ),
        event("POST", body="x" * 70_000),
    ]
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env={
            **ENVIRONMENT,
            "THESTACK_SERVICE": "echo",
            "THESTACK_HOOK": "say",
            "PYTHONPATH": ":".join([str(TESTS / "fixtures"), *sys.path]),
        },
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("answer ")]
    started, got, posted, encoded, large = (json.loads(line.removeprefix("answer ")) for line in lines)
    assert started == {"statusCode": 200}
    heard = json.loads(got["body"])
    assert (heard["method"], heard["tenant"], heard["query"]) == ("GET", "main", {"a": "1", "b": "&"})
    assert heard["headers"]["x-own"] == "yes"
    assert got["headers"]["cache-control"] == "no-store"
    assert json.loads(posted["body"])["form"] == {"name": "Bo"}
    assert json.loads(encoded["body"])["form"] == {"name": "Zoë"}
    assert large["statusCode"] == 413
    records = [json.loads(line) for line in done.stdout.splitlines() if '"trigger"' in line]
    assert [(each["outcome"], each["status"], each["operation"]) for each in records] == [
        ("ok", 200, "GET say"),
        ("ok", 200, "POST say"),
        ("ok", 200, "POST say"),
        ("refused", 413, "POST say"),
    ]
    assert {each["correlation_id"] for each in records} == {"request-1"}
    assert "Zo" not in "".join(json.dumps(each) for each in records)
