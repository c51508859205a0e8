"""A bundle answers one request, and says by which plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from framework.tests.router.conftest import Node
from framework.tests.router.fakes import FakeLambda
from thestack.router.plan import PlanUnavailable, answer


def event(query: str, door: str = "/public/graphql") -> dict[str, Any]:
    return {
        "rawPath": door,
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST"}},
        "body": json.dumps({"query": query}),
    }


@pytest.fixture
def variables(cloud: FakeLambda) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL_LAMBDA": cloud.url,
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "SUBGRAPHS": json.dumps({"todo": "todo-fn", "media": "media-fn"}),
        "PUBLIC_FIELDS": json.dumps(["Query.todo"]),
        "AWS_SDK_UA_APP_ID": "the-router",
    }


def test_the_answer_and_its_plan(
    node: Node, bundle: Path, cloud: FakeLambda, variables: dict[str, str]
) -> None:
    todo = {"__typename": "Todo", "attachment": {"__typename": "Media", "id": "m"}}
    cloud.functions["todo-fn"] = lambda _: {"data": {"todo": todo}}
    cloud.functions["media-fn"] = lambda _: {"data": {"_entities": [{"url": "u"}]}}
    asked = event('{ todo(id: "1") { attachment { url } } }')
    found = answer(asked, bundle, node=node.executable, variables=variables)
    assert json.loads(found.response["body"]) == {"data": {"todo": {"attachment": {"url": "u"}}}}
    assert found.plan
    first, second = found.plan["nodes"]
    assert (found.plan["kind"], first["kind"], first["serviceName"]) == ("Sequence", "Fetch", "todo")
    assert (second["kind"], second["node"]["serviceName"]) == ("Flatten", "media")


def test_the_routers_calls_say_whose_they_are(
    node: Node, bundle: Path, cloud: FakeLambda, variables: dict[str, str]
) -> None:
    cloud.functions["todo-fn"] = lambda _: {"data": {"todo": None}}
    answer(event('{ todo(id: "1") { title } }'), bundle, node=node.executable, variables=variables)
    assert {each.headers["user-agent"] for each in cloud.invocations} == {"app/the-router"}


@pytest.mark.parametrize("query", ["{ nonsense }", "{"])
def test_what_is_no_operation_has_no_plan(
    node: Node, bundle: Path, variables: dict[str, str], query: str
) -> None:
    found = answer(event(query), bundle, node=node.executable, variables=variables)
    assert found.plan is None
    assert json.loads(found.response["body"])["errors"]


def test_a_refusal_is_the_routers_own(node: Node, bundle: Path, variables: dict[str, str]) -> None:
    found = answer(
        event('{ todo(id: "1") { title } }', "/graphql"), bundle, node=node.executable, variables=variables
    )
    assert found.response["statusCode"] == 401


def test_without_a_bundle_it_says_why(node: Node, tmp_path: Path, variables: dict[str, str]) -> None:
    with pytest.raises(PlanUnavailable, match="cannot run the router"):
        answer(event("{ a }"), tmp_path, node=node.executable, variables=variables)
    with pytest.raises(PlanUnavailable, match="cannot run the router with"):
        answer(event("{ a }"), tmp_path, node=tmp_path / "nowhere", variables=variables)
