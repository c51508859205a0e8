"""Only queries are explained, by a router and subgraphs that nobody else can ask."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

import pytest

from thestack.operations.explanation import NotAQuery, check_is_query
from thestack.operations.lambda_endpoint import Endpoint, answering

SEVERAL = "query Read { a } mutation Write { b } subscription Watch { c }"


@pytest.mark.parametrize(
    ("query", "operation"),
    [
        ("mutation { b }", None),
        ("subscription { c }", None),
        (SEVERAL, "Write"),
        (SEVERAL, "Watch"),
        (SEVERAL, None),
    ],
)
def test_what_would_change_something_is_not_explained(query: str, operation: str | None) -> None:
    with pytest.raises(NotAQuery, match="can't be explained"):
        check_is_query(query, operation)


@pytest.mark.parametrize(
    ("query", "operation"),
    [("{ a }", None), (SEVERAL, "Read"), ("fragment F on T { a } { a }", None), ("{", None)],
)
def test_a_query_is_and_what_cannot_be_parsed_is_the_routers(query: str, operation: str | None) -> None:
    check_is_query(query, operation)


def invoke(name: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"name": name, **event}


def post(endpoint: Endpoint, authorization: str, path: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(endpoint.url.removeprefix("http://"), timeout=10)
    try:
        connection.request("POST", path, json.dumps({"asked": 1}), {"authorization": authorization})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_the_router_invokes_a_function() -> None:
    with answering(invoke) as endpoint:
        signed = f"AWS4-HMAC-SHA256 Credential={endpoint.access_key}/20260101/us-east-1/lambda/aws4_request"
        status, answer = post(endpoint, signed, "/2015-03-31/functions/todo%2Da/invocations")
    assert (status, answer) == (200, {"name": "todo-a", "asked": 1})
    assert endpoint.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("authorization", ["", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1"])
def test_nobody_else_does(authorization: str) -> None:
    with answering(invoke) as endpoint:
        status, _ = post(endpoint, authorization, "/2015-03-31/functions/todo/invocations")
    assert status == 403


def test_afterwards_nobody_answers() -> None:
    with answering(invoke) as endpoint:
        pass
    with pytest.raises(ConnectionRefusedError):
        post(endpoint, "", "/")
