"""A subgraph counts the answers that failed for no fault of who asked."""

import json
import subprocess
import sys
from typing import Any

from .test_imports import ENVIRONMENT

RUN = """
import json, sys
from types import SimpleNamespace
from thestack.entry.graphql import handler
for event in json.load(sys.stdin):
    print("answer", handler(event, SimpleNamespace(aws_request_id="r"))["body"])
"""
CLAIMS = {"sub": "alice", "tenant": "main", "groups": "", "client_id": "web"}


def asked(query: str) -> dict[str, Any]:
    return {
        "requestContext": {"authorizer": {"lambda": CLAIMS}},
        "headers": {},
        "body": json.dumps({"query": query}),
    }


def test_what_nobody_expected_is_counted_and_what_was_asked_wrongly_is_not() -> None:
    # There is no network: whoever reads a row fails.
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env={
            **ENVIRONMENT,
            "THESTACK_SERVICE": "services.todo.service",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "AWS_MAX_ATTEMPTS": "1",
            "PYTHONPATH": ":".join(sys.path),
        },
        input=json.dumps([asked("{ nonsense }"), asked('{ todo(id: "1") { id } }'), asked("{ __typename }")]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    metrics = [line for line in lines if "_aws" in line]
    assert [each["Failed"] for each in metrics] == [[0.0], [1.0], [0.0]], done.stdout
    for each in metrics:
        (said,) = each["_aws"]["CloudWatchMetrics"]
        assert said["Dimensions"] == [["service"]]
        assert {metric["Name"] for metric in said["Metrics"]} == {"Failed", "Errors"}
