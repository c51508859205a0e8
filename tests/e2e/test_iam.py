"""What a function's role may not do is denied by IAM, whatever the code says."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from thestack.local.description import LocalStack

Roles = Callable[[str], Callable[[str], Any]]


@pytest.fixture
def acting_as(stack: LocalStack) -> Roles:
    """For a function's name: what makes AWS clients with the credentials of its role."""

    def acting_as(function: str) -> Callable[[str], Any]:
        role = stack.client("lambda").get_function_configuration(FunctionName=function)["Role"]
        assumed = stack.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        session = boto3.Session(
            assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"], "us-east-1"
        )
        return lambda service: session.client(service, endpoint_url=stack.endpoint)

    return acting_as


def url(stack: LocalStack, queue: str) -> str:
    return str(stack.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"])


def allowed(call: Callable[..., Any], **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        if "AccessDenied" in error.response["Error"]["Code"]:
            return False
        raise
    return True


@pytest.mark.parametrize(
    ("function", "own", "others"),
    [
        ("local-todo-graphql", "local-todo", ["local-notifications", "local-analytics"]),
        ("local-analytics-on-count", "local-analytics", ["local-todo", "local-notifications"]),
        ("local-notifications-queue-send-email", "local-notifications", ["local-todo", "local-analytics"]),
    ],
)
def test_a_function_reaches_its_own_services_table_alone(
    acting_as: Roles, function: str, own: str, others: list[str]
) -> None:
    dynamodb = acting_as(function)("dynamodb")
    key = {"pk": {"S": "local#Todo#x"}, "sk": {"S": "y"}}
    assert allowed(dynamodb.get_item, TableName=own, Key=key)
    for table in others:
        assert not allowed(dynamodb.get_item, TableName=table, Key=key)
        assert not allowed(dynamodb.put_item, TableName=table, Item=key)
        assert not allowed(dynamodb.scan, TableName=table)
    assert not allowed(dynamodb.scan, TableName=own)
    assert not allowed(dynamodb.delete_item, TableName=own, Key=key)


def test_only_the_relay_publishes_and_sends_and_only_where_the_definition_says(
    acting_as: Roles, stack: LocalStack
) -> None:
    event = {"Source": "todo", "DetailType": "x", "Detail": "{}", "EventBusName": "local-bus"}
    relay, subgraph = acting_as("local-todo-relay"), acting_as("local-todo-graphql")
    assert allowed(relay("events").put_events, Entries=[event])
    assert not allowed(relay("events").put_events, Entries=[{**event, "EventBusName": "default"}])
    assert not allowed(subgraph("events").put_events, Entries=[event])
    email, count = url(stack, "local-notifications-email"), url(stack, "local-analytics-count")
    assert not allowed(relay("sqs").send_message, QueueUrl=count, MessageBody="x")
    assert not allowed(subgraph("sqs").send_message, QueueUrl=email, MessageBody="x")
    assert not allowed(relay("sqs").receive_message, QueueUrl=email)


def test_nobody_but_the_router_invokes_a_subgraph(acting_as: Roles) -> None:
    function = "arn:aws:lambda:us-east-1:000000000000:function:local-todo-graphql:live"
    arguments = {"FunctionName": function, "Payload": b"{}"}
    assert allowed(acting_as("local-router")("lambda").invoke, **arguments)
    for function in ("local-notifications-graphql", "local-todo-relay", "local-authorizer"):
        assert not allowed(acting_as(function)("lambda").invoke, **arguments)


def test_a_consumer_takes_from_its_own_queue_alone(acting_as: Roles, stack: LocalStack) -> None:
    count = acting_as("local-analytics-on-count")("sqs")
    assert allowed(count.get_queue_attributes, QueueUrl=url(stack, "local-analytics-count"))
    email = url(stack, "local-notifications-email")
    assert not allowed(count.receive_message, QueueUrl=email)
    assert not allowed(count.delete_message, QueueUrl=email, ReceiptHandle="x")
