"""What functions call is remembered in the terms of IAM, and what they never called is told."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from thestack.definition import names
from thestack.definition.load import models
from thestack.definition.model import ServiceModel
from thestack.infra.environment import load_environment
from thestack.infra.permissions import permissions
from thestack.local.description import LocalStack
from thestack.local.emulator import Emulator
from thestack.local.usage import FOLDER, Usage, read_usage, recording, unused
from thestack.operations.calls import PAGE, Use, call_of
from thestack.operations.errors import OperationError

ROOT = Path(__file__).parents[3]
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


RESOURCES = {"s3": "local-media-images-000000000000"}


def event(source: str, name: str, given: dict[str, Any], agent: str = "Botocore/1 app/f Python") -> Any:
    """An event as CloudTrail has it."""
    return {
        "EventId": "1",
        "EventTime": MOMENT,
        "EventSource": f"{source}.amazonaws.com",
        "EventName": name,
        "Resources": [{"ResourceName": RESOURCES.get(source, "arn:aws:lambda:us-east-1:0:function:g:live")}],
        "CloudTrailEvent": json.dumps({"userAgent": agent, "requestParameters": given}),
    }


@pytest.mark.parametrize(
    ("source", "name", "given", "uses"),
    [
        ("dynamodb", "GetItem", {"TableName": "t"}, [("dynamodb:GetItem", "t")]),
        ("dynamodb", "Query", {"TableName": "t", "IndexName": "i"}, [("dynamodb:Query", "t/index/i")]),
        (
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "t"}}, {"Update": {"TableName": "t"}}]},
            [("dynamodb:PutItem", "t"), ("dynamodb:UpdateItem", "t")],
        ),
        ("dynamodb", "BatchGetItem", {"RequestItems": {"t": {}}}, [("dynamodb:BatchGetItem", "t")]),
        ("events", "PutEvents", {"Entries": [{"EventBusName": "b"}]}, [("events:PutEvents", "b")]),
        ("sqs", "SendMessage", {"QueueUrl": "https://sqs/0/q"}, [("sqs:SendMessage", "q")]),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": "https://sqs/0/q"},
            [("sqs:SendMessageBatch", "q"), ("sqs:SendMessage", "q")],
        ),
        ("lambda", "Invoke", {}, [("lambda:InvokeFunction", "g")]),
        ("s3", "POST.s3", {}, [("s3:DeleteObject", "local-media-images-")]),
        ("s3", "ListObjects", {}, [("s3:ListBucket", "local-media-images-")]),
        ("s3", "HeadObject", {}, [("s3:GetObject", "local-media-images-")]),
        ("cognito-idp", "AdminGetUser", {"UserPoolId": "p"}, [("cognito-idp:AdminGetUser", "*")]),
    ],
)
def test_an_operation_is_the_actions_that_iam_is_asked_about(
    source: str, name: str, given: dict[str, Any], uses: list[tuple[str, str]]
) -> None:
    call = call_of(event(source, name, given))
    assert call
    assert [(use.action, use.resource) for use in call.uses] == uses
    assert {use.function for use in call.uses} == {"f"}


def test_a_call_of_nobodys_is_none() -> None:
    assert call_of(event("dynamodb", "GetItem", {"TableName": "t"}, agent="Boto3/1 myapp/f")) is None


@pytest.fixture
def stack(emulator: Emulator) -> LocalStack:
    return LocalStack("run", "local", emulator.endpoint, "api", "pool", "client", "templates")


def test_every_call_is_counted_once_however_many_there_are(
    stack: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = stack.client("dynamodb")
    client.create_table(
        TableName="local-todo",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    monkeypatch.setenv(names.APP_ID, "local-todo-graphql")
    ours = stack.client("dynamodb")
    for rounds in (1, 2):
        with recording(stack, tmp_path, every=0.01):
            for _ in range(PAGE + 10):
                ours.get_item(TableName="local-todo", Key={"pk": {"S": "x"}})
                client.get_item(TableName="local-todo", Key={"pk": {"S": "x"}})
        usage = read_usage(tmp_path, "local")
        assert usage
        assert usage.calls == rounds * (PAGE + 10)
        assert usage.uses == {
            Use("local-todo-graphql", "dynamodb:GetItem", "local-todo"): rounds * (PAGE + 10)
        }
        assert usage.since < usage.until


def test_without_calls_there_is_no_record(stack: LocalStack, tmp_path: Path) -> None:
    with recording(stack, tmp_path):
        pass
    assert read_usage(tmp_path, "local") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"since": 1}'])
def test_a_broken_record_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / FOLDER / "local.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(OperationError, match="remove it, and record anew"):
        read_usage(tmp_path, "local")


@pytest.fixture(scope="module")
def services() -> tuple[ServiceModel, ...]:
    return models(ROOT)


def test_what_was_never_called_is_unused(services: tuple[ServiceModel, ...]) -> None:
    granted = permissions(services, load_environment(ROOT, "local"))
    nothing = unused(granted, Usage(MOMENT, MOMENT, 0, {}), "local")
    used = {
        Use("local-todo-graphql", "dynamodb:Query", "local-todo/index/Todo.by_created"): 1,
        Use("local-todo-relay", "sqs:SendMessage", "local-notifications-email"): 1,
        Use("local-notifications-queue-send-email", "sqs:SendMessage", "local-notifications-email-dlq"): 1,
        Use("local-todo-relay", "events:PutEvents", "local-bus"): 1,
        Use("local-router", "lambda:InvokeFunction", "local-analytics-graphql"): 1,
    }
    left = unused(granted, Usage(MOMENT, MOMENT, 5, used), "local")
    assert Counter(each.function for each in nothing) - Counter(each.function for each in left) == Counter(
        use.function for use in used
    )


def test_what_lambda_itself_uses_is_no_matter_of_the_record(services: tuple[ServiceModel, ...]) -> None:
    granted = permissions(services, load_environment(ROOT, "local"))
    actions = {each.action for each in unused(granted, Usage(MOMENT, MOMENT, 0, {}), "local")}
    assert not {action for action in actions if action.startswith(("logs:", "xray:", "ses:"))}
    assert not actions & {"sqs:ReceiveMessage", "dynamodb:GetRecords"}
    assert {"dynamodb:PutItem", "sqs:ChangeMessageVisibility", "lambda:InvokeFunction"} <= actions
