"""A table that lost its rows is restored under the next epoch, and everybody goes on."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Client, eventually
from tests.e2e.test_deploy import CREATE, counted
from thestack.definition import names
from thestack.local.description import LocalStack
from thestack.local.signin import sign_in, sign_up
from thestack.local.stack import start

ROOT = Path(__file__).parents[2]
TABLE, RESTORED = "local-todo", "local-todo.2"
WAITING = f"{names.OUTBOX_INDEX}:sk"
LIST = "{ todos(first: 10) { nodes { title } } }"


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack of this file's own: it loses its todos."""
    with start(ROOT, report=lambda _: None, warm=True) as (stack, _):
        yield stack


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with todo alone."""
    root = tmp_path_factory.mktemp("project")
    for each in ("deploy", "services/todo", "frontends"):
        shutil.copytree(ROOT / each, root / each, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".stack").symlink_to(ROOT / ".stack")
    return root


@pytest.mark.timeout(300)
def test_what_was_lost_is_restored_and_everybody_goes_on(stack: LocalStack, project: Path) -> None:
    def restore(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "thestack.cli", "restore", "todo", *arguments]
        return subprocess.run(
            [*command, "--endpoint", stack.endpoint, "--format", "json"],
            cwd=project,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=240,
        )

    sign_up(stack, "alice@example.com")
    sign_up(stack, "sam@example.com", group="staff")
    with httpx.Client() as http:
        alice = Client(stack, http, sign_in(stack, "alice@example.com"))
        sam = Client(stack, http, sign_in(stack, "sam@example.com"))
        heard = _listen(stack)
        alice.ask(CREATE, title="heard")
        eventually(lambda: counted(sam) == 1, what="the first event")
        _stop_relay(stack)
        alice.ask(CREATE, title="not heard yet")
        _age_outbox(stack)
        backup = stack.client("dynamodb").create_backup(TableName=TABLE, BackupName="nightly")
        arn = backup["BackupDetails"]["BackupArn"]
        indexes = _indexes(stack, TABLE)
        rows = _lose_everything(stack)
        assert _titles(alice) == []

        drilled = restore("--drill", "--backup", arn)
        assert drilled.returncode == 0, drilled.stderr
        found = json.loads(drilled.stdout)
        assert (found["rows"], found["rows_in_use"]) == (rows, 0)
        assert stack.client("dynamodb").list_tables()["TableNames"].count(f"{TABLE}.drill") == 0

        refused = restore("--backup", arn)
        assert refused.returncode == 2
        assert "epochs={'todo': 2}" in refused.stderr
        settings = project / "deploy/environments/local.py"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("name=", 'epochs={"todo": 2},\n    name=', 1), encoding="utf-8")

        done = restore("--backup", arn)
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout) == {"service": "todo", "table": RESTORED, "epoch": 2}
        assert _indexes(stack, RESTORED) == indexes
        _check_rewired(stack)
        assert _sources(stack) == [_stream(stack, RESTORED)]
        assert _titles(alice) == ["heard", "not heard yet"]

        # What was in the outbox when the backup was made is said now; the next event is of the new epoch.
        stack.client("lambda").invoke(FunctionName="local-todo-relay:live", Payload=b'{"sweep": true}')
        alice.ask(CREATE, title="afterwards")
        eventually(lambda: counted(sam) >= 3, what="the events that were not heard yet")
        assert counted(sam) == 3
        sequences = heard(3)
        assert sequences == [(1, 1), (1, 1), (2, 1)]
        again = restore()
        assert again.returncode == 2
        assert "is of epoch 2, and the settings say 2" in again.stderr


def _titles(client: Client) -> list[str]:
    answer = client.ask(LIST)
    assert "errors" not in answer, answer
    return sorted(each["title"] for each in answer["data"]["todos"]["nodes"])


def _lose_everything(stack: LocalStack) -> int:
    """Delete all rows of the table; answers how many there were."""
    dynamodb = stack.client("dynamodb")
    rows = dynamodb.scan(TableName=TABLE, ProjectionExpression="pk, sk")["Items"]
    for row in rows:
        dynamodb.delete_item(TableName=TABLE, Key=row)
    return len(rows)


def _age_outbox(stack: LocalStack) -> None:
    """As if what waits in the outbox had waited for an hour: a sweep takes what is fresh to be on its way."""
    dynamodb = stack.client("dynamodb")
    for row in dynamodb.scan(TableName=TABLE)["Items"]:
        if row["pk"]["S"].startswith(names.OUTBOX_PREFIX):
            said = row[WAITING]["S"]
            earlier = (datetime.fromisoformat(said.partition("#")[0]) - timedelta(hours=1)).isoformat()
            dynamodb.update_item(
                TableName=TABLE,
                Key={"pk": row["pk"], "sk": row["sk"]},
                UpdateExpression="SET #waiting = :earlier",
                ExpressionAttributeNames={"#waiting": WAITING},
                ExpressionAttributeValues={":earlier": {"S": f"{earlier}#{said.partition('#')[2]}"}},
            )


def _indexes(stack: LocalStack, table: str) -> list[str]:
    found = stack.client("dynamodb").describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"]
    return sorted(each["IndexName"] for each in found)


def _check_rewired(stack: LocalStack) -> None:
    """What no backup brings along: the emulator gives it to no table that CloudFormation makes."""
    dynamodb = stack.client("dynamodb")
    expiry = dynamodb.describe_time_to_live(TableName=RESTORED)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    recovery = dynamodb.describe_continuous_backups(TableName=RESTORED)["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    stream = dynamodb.describe_table(TableName=RESTORED)["Table"]["StreamSpecification"]
    assert stream == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}


def _stream(stack: LocalStack, table: str) -> str:
    return str(stack.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"])


def _sources(stack: LocalStack) -> list[str]:
    """What the relay is fed by."""
    found = stack.client("lambda").list_event_source_mappings(FunctionName="local-todo-relay:live")
    return [each["EventSourceArn"] for each in found["EventSourceMappings"]]


def _stop_relay(stack: LocalStack) -> None:
    lambda_ = stack.client("lambda")
    found = lambda_.list_event_source_mappings(FunctionName="local-todo-relay:live")["EventSourceMappings"]
    for each in found:
        lambda_.update_event_source_mapping(UUID=each["UUID"], Enabled=False)


def _listen(stack: LocalStack) -> Any:
    """Hear every event of todo's; the answer waits for so many, and says their sequences."""
    sqs, events = stack.client("sqs"), stack.client("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["todo"], "detail-type": ["todo.created"]})
    events.put_rule(Name="heard", EventBusName="local-bus", EventPattern=pattern)
    target = {"Id": "heard", "Arn": arn, "InputPath": "$.detail"}
    events.put_targets(Rule="heard", EventBusName="local-bus", Targets=[target])
    sequences: list[tuple[int, int]] = []

    def heard(number: int) -> list[tuple[int, int]]:
        def are_there() -> bool:
            for each in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
                epoch, _, n = json.loads(each["Body"])["sequence"].partition(".")
                sequences.append((int(epoch), int(n)))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            return len(sequences) >= number

        eventually(are_there, what=f"{number} events of todo")
        return sorted(sequences)

    return heard
