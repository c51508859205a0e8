"""The way of a dead letter: found, understood, rehearsed, mended, sent back, in effect once."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from ulid import ULID

from tests.e2e.conftest import Client, eventually
from thestack.definition import names
from thestack.local.description import LocalStack
from thestack.operations.logs import Logs
from thestack.ports import Envelope

ROOT = Path(__file__).parents[2]
SEND = "notifications.send_email"
Thestack = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def thestack(stack: LocalStack) -> Thestack:
    """Runs `thestack dlq ...` on the stack."""

    def thestack(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "thestack.cli", "dlq", *words, "--run", stack.run, "--format", "json"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return thestack


@pytest.fixture
def poison(stack: LocalStack, thestack: Thestack) -> Callable[..., dict[str, Any]]:
    """Puts a message into the queue of notifications.send_email, and answers its dead letter."""

    def poison(**data: Any) -> dict[str, Any]:
        id = str(ULID())
        envelope = Envelope(
            id, "notifications/email", 1, "todo", "Todo#x/1", datetime.now(UTC), "local", data
        )
        sqs = stack.client("sqs")
        url = sqs.get_queue_url(QueueName=names.queue(stack.environment, "notifications/email"))["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=envelope.to_json())

        def look() -> dict[str, Any] | None:
            listed = json.loads(thestack("list", SEND).stdout)
            return next((each for each in listed if each["id"] == id), None)

        found: dict[str, Any] = eventually(look, what="the dead letter")
        return found

    return poison


def told(done: "subprocess.CompletedProcess[str]", code: int = 0) -> Any:
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def rows(stack: LocalStack) -> dict[str, list[str]]:
    """Everything in every table."""
    dynamodb = stack.client("dynamodb")
    return {
        table: sorted(
            json.dumps(item, sort_keys=True)
            for page in dynamodb.get_paginator("scan").paginate(TableName=table)
            for item in page["Items"]
        )
        for table in dynamodb.list_tables()["TableNames"]
    }


def mails(stack: LocalStack, subject: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{stack.endpoint}/_ministack/ses/messages").json()
    return [mail for mails in answer["messages"].values() for mail in mails if mail["Subject"] == subject]


def outcomes(stack: LocalStack, id: str) -> list[str]:
    """What the consumer logged of a message, in order."""
    logs = Logs(stack.aws, [f"{stack.environment}-notifications-queue-send-email"])
    lines = logs.read(datetime.now(UTC) - timedelta(minutes=10), id)
    return [line.record.outcome for line in lines if line.record and line.record.event_id == id]


def test_a_malformed_message_is_mended_and_takes_effect_once(
    stack: LocalStack, alice: Client, thestack: Thestack, poison: Callable[..., dict[str, Any]]
) -> None:
    assert alice.user
    subject = f"Mended {ULID()}"
    letter = poison(to_user=alice.user.id, about="1", subject=7, text="Well done.")
    id = letter["id"]
    assert (letter["cause"], letter["attempts"]) == ("Reject", 1)
    assert "malformed: subject" in told(thestack("show", id))["reason"]
    before = rows(stack)
    rejected = told(thestack("dry-run", id), code=1)
    assert (rejected["verdict"], rejected["changes"]) == ("rejected", [])
    edited = told(thestack("edit", id, "--set", f"data.subject={subject}"))
    assert f'+    "subject": "{subject}",' in edited["changes"]

    body = json.dumps(told(thestack("show", id))["message"])
    rehearsed = told(thestack("dry-run", id))
    assert (rehearsed["verdict"], rehearsed["error"]) == ("effected", None)
    assert [(mail["to"], mail["subject"]) for mail in rehearsed["mails"]] == [("alice@example.com", subject)]
    changes = {each["entity"]: each for each in rehearsed["changes"]}
    assert set(changes) == {"Inbox", "Notification", "SentEmail"}
    change = changes["SentEmail"]
    assert (change["before"], change["after"]["subject"]) == (None, subject)
    assert rows(stack) == before
    assert mails(stack, subject) == []

    assert told(thestack("redrive", SEND, id)) == {"consumer": SEND, "redriven": 1}
    eventually(lambda: mails(stack, subject), what="the e-mail")
    sent = "{ sentEmails(first: 50) { nodes { subject } } }"
    eventually(
        lambda: {"subject": subject} in alice.ask(sent)["data"]["sentEmails"]["nodes"],
        what="the record of the e-mail",
    )
    # The same message a second time.
    sqs = stack.client("sqs")
    dead = sqs.get_queue_url(QueueName=names.dead_letter_queue(stack.environment, "notifications/email"))
    sqs.send_message(QueueUrl=dead["QueueUrl"], MessageBody=body)
    again = told(thestack("dry-run", id))
    assert (again["verdict"], again["changes"], again["mails"]) == ("duplicate", [], [])
    assert told(thestack("redrive", SEND, id))["redriven"] == 1
    eventually(lambda: outcomes(stack, id)[-1:] == ["duplicate"], what="the consumer's word on it")
    assert len(mails(stack, subject)) == 1


def test_what_a_handler_raised_is_shown_with_its_traceback_and_raised_again_in_a_dry_run(
    stack: LocalStack, alice: Client, thestack: Thestack, poison: Callable[..., dict[str, Any]]
) -> None:
    letter = poison(to_user="nobody", about="1", subject="To nobody", text="Well done.")
    assert (letter["cause"], letter["attempts"]) == ("UnknownUser", 3)
    line = "address = (await profiles.profile(user)).email"
    shown = eventually(lambda: told(thestack("show", letter["id"]))["traceback"], what="the traceback")
    assert line in shown
    assert shown.splitlines()[-1].endswith(letter["reason"])
    before = rows(stack)
    rehearsed = told(thestack("dry-run", letter["id"]), code=1)
    assert (rehearsed["verdict"], rehearsed["error"]["type"]) == ("failed", "UnknownUser")
    assert line in rehearsed["error"]["traceback"]
    assert rows(stack) == before
    discarded = told(thestack("discard", SEND, letter["id"], "--why", "nobody is no user"))
    assert discarded["discarded"] == 1
    kept = stack.client("logs").filter_log_events(logGroupName=discarded["kept"])["events"]
    (record,) = [json.loads(each["message"]) for each in kept if letter["id"] in each["message"]]
    assert record["why"] == "nobody is no user"
