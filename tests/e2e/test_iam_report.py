"""What functions of a running stack use is recorded, and the rest is known to be unused."""

from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import Client, eventually
from thestack.definition.load import models
from thestack.infra.environment import load_environment
from thestack.infra.permissions import permissions
from thestack.local.description import LocalStack
from thestack.local.usage import read_usage, recording, unused

ROOT = Path(__file__).parents[2]


def test_what_a_user_did_not_need_is_unused(
    stack: LocalStack, client_for: Callable[..., Client], tmp_path: Path
) -> None:
    user = client_for("needs-little")
    with recording(stack, tmp_path):
        made = user.ask('mutation { createTodo(input: {title: "x"}) { id } }')["data"]["createTodo"]
        user.ask("mutation ($id: ID!) { completeTodo(id: $id) { id } }", id=made["id"])
        eventually(lambda: user.ask("{ sentEmails { nodes { id } } }")["data"]["sentEmails"]["nodes"])
    usage = read_usage(tmp_path, stack.environment)
    assert usage
    granted = permissions(models(ROOT), load_environment(ROOT, stack.environment))
    left = {(each.function, each.action, str(each.resource)) for each in unused(granted, usage, "local")}
    used = {
        ("local-todo-graphql", "dynamodb:PutItem", "table todo"),
        ("local-todo-relay", "events:PutEvents", "bus"),
        ("local-todo-relay", "sqs:SendMessage", "queue notifications/email"),
        ("local-todo-relay", "dynamodb:DeleteItem", "table todo"),
        ("local-notifications-queue-send-email", "cognito-idp:AdminGetUser", "users of local"),
        ("local-notifications-graphql", "dynamodb:Query", "index SentEmail.by_time"),
        ("local-router", "lambda:InvokeFunction", "subgraph todo"),
    }
    media = {(function, action, resource) for function, action, resource in left if "media" in function}
    assert ("local-media-queue-clean", "s3:DeleteObject", "objects in bucket images") in media
    assert not {action for _, action, _ in media} & {"s3:GetObject", "s3:PutObject"}
    not_needed = {
        ("local-todo-graphql", "dynamodb:Query", "index Todo.by_ref"),
        ("local-notifications-graphql", "dynamodb:Query", "index SentEmail.by_about"),
        ("local-router", "lambda:InvokeFunction", "subgraph analytics"),
    }
    assert not used & left
    assert not_needed <= left
