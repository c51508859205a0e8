"""Dead letters: seen whole, and never lost, whatever is done with them and wherever that ends."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from framework.tests.local.conftest import nowhere
from framework.tests.operations.letters import NOTIFICATIONS, SEND, World, message
from thestack.definition import names
from thestack.local.emulator import Emulator
from thestack.operations.dead_letters import DeadLetters
from thestack.operations.discards import Discards
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Interrupted
from thestack.operations.rehearsal import refusal
from thestack.operations.sweep import Sweep
from thestack.ports import Envelope

_numbers = count()


def no_pause(seconds: float) -> None: ...


@pytest.fixture
def world(emulator: Emulator) -> World:
    return World(emulator.aws, f"t{next(_numbers)}")


def test_a_parked_message_has_the_consumers_reasons(world: World) -> None:
    world.park("event-1")
    (letter,) = world.letters.read().letters
    assert (letter.id, letter.type, letter.consumer) == (
        "event-1",
        "notifications/email",
        "notifications.send_email",
    )
    assert (letter.cause, letter.reason, letter.attempts) == ("MailRefused", "no such mailbox", 3)
    assert letter.envelope == message("event-1")
    assert abs(datetime.now(UTC) - letter.since) < timedelta(minutes=1)
    assert letter.is_named("event-1")
    assert letter.is_named(letter.message_id[:8])


def test_a_message_whose_function_died(world: World) -> None:
    world.put(message("event-1").to_json())
    (letter,) = world.letters.read().letters
    assert (letter.cause, letter.attempts) == ("unknown", None)
    assert "died or timed out" in letter.reason


def test_a_message_that_the_bus_could_not_deliver(world: World) -> None:
    envelope = message("event-1")
    event = {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": envelope.type,
        "source": envelope.source,
        "account": "000000000000",
        "time": "2026-01-02T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": json.loads(envelope.to_json()),
    }
    rule = "arn:aws:events:us-east-1:000000000000:rule/bus/rule"
    world.put(
        json.dumps(event),
        ERROR_CODE="NO_PERMISSIONS",
        ERROR_MESSAGE="Lack of permissions to invoke target",
        RETRY_ATTEMPTS="0",
        RULE_ARN=rule,
    )
    (letter,) = world.letters.read().letters
    assert (letter.id, letter.cause, letter.attempts) == ("event-1", "NO_PERMISSIONS", 0)
    assert letter.reason.startswith("Lack of permissions to invoke target (")
    assert rule in letter.reason
    assert world.letters.redrive(lambda _: True, rate=100, pause=no_pause) == 1
    (queued,) = world.queued()
    assert Envelope.from_json(queued["Body"]) == envelope


@pytest.mark.parametrize("body", ["no json", "[1]", '{"id": 7}', '{"detail-type": "x", "detail": 1}', "{}"])
def test_a_body_that_is_no_event(world: World, body: str) -> None:
    world.put(body)
    (letter,) = world.letters.read().letters
    assert letter.envelope is None
    assert letter.id == letter.message_id
    assert letter.body == body


def test_three_hundred_are_read_completely_and_stay(world: World) -> None:
    wanted = sorted(f"event-{number:03}" for number in range(300))
    for first in range(0, 300, 10):
        entries = [
            {"Id": str(n), "MessageBody": message(id).to_json()}
            for n, id in enumerate(wanted[first : first + 10])
        ]
        world.sqs.send_message_batch(QueueUrl=world.dead, Entries=entries)
    for _ in range(2):
        reading = world.letters.read()
        assert sorted(letter.id for letter in reading.letters) == wanted
        assert reading.more == 0
    assert [(len(cut.letters), cut.more) for cut in [world.letters.read(most=25)]] == [(25, 275)]


def test_what_another_command_has_in_hand_is_counted(world: World) -> None:
    world.park("event-1", "event-2")
    with Sweep(world.sqs, world.dead, most=1, batch=1) as sweep:
        assert len(list(sweep)) == 1
        reading = world.letters.read()
        assert (len(reading.letters), reading.more) == (1, 1)
    assert world.ids() == ["event-1", "event-2"]


def test_those_chosen_are_redriven_without_the_reasons(world: World) -> None:
    world.park("event-1", "event-2")
    world.park("event-3", cause="Reject")
    assert world.letters.redrive(lambda each: each.cause == "MailRefused", rate=100, pause=no_pause) == 2
    assert world.ids() == ["event-3"]
    queued = world.queued()
    assert sorted(json.loads(each["Body"])["id"] for each in queued) == ["event-1", "event-2"]
    assert not any("MessageAttributes" in each for each in queued)
    assert world.letters.redrive(lambda each: each.cause == "MailRefused", rate=100, pause=no_pause) == 0


@pytest.mark.parametrize("at", range(5))
def test_interrupted_anywhere_nothing_is_lost(world: World, at: int) -> None:
    wanted = [f"event-{number}" for number in range(4)]
    world.park(*wanted)
    pauses = count()

    def pause(seconds: float) -> None:
        if next(pauses) == at:
            raise Interrupted(2)

    if at < len(wanted):
        with pytest.raises(Interrupted):
            world.letters.redrive(lambda _: True, rate=100, pause=pause)
    else:
        assert world.letters.redrive(lambda _: True, rate=100, pause=pause) == len(wanted)
    assert sorted([*world.ids(), *world.queued_ids()]) == wanted


def test_a_queue_that_is_not_there_loses_nothing(world: World) -> None:
    world.park("event-1", "event-2")
    world.sqs.delete_queue(QueueUrl=world.queue)
    with pytest.raises(OperationError) as caught:
        world.letters.redrive(lambda _: True, rate=100, pause=no_pause)
    assert "\n" not in str(caught.value)
    assert world.ids() == ["event-1", "event-2"]


def test_what_may_not_be_sent_is_not_deleted(world: World) -> None:
    world.park("event-1", "event-2")
    iam, user = world.aws.client("iam"), f"reader-{world.environment}"
    may = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    may_not = {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}
    iam.create_user(UserName=user)
    iam.put_user_policy(
        UserName=user,
        PolicyName="all-but-sending",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [may, may_not]}),
    )
    key = iam.create_access_key(UserName=user)["AccessKey"]
    reader = replace(world.aws, access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])
    letters = DeadLetters(reader, world.environment, NOTIFICATIONS, SEND)
    (letter, _) = letters.read().letters
    for act in (
        lambda: letters.redrive(lambda _: True, rate=100, pause=no_pause),
        lambda: letters.replace(letter, message(letter.id, subject="Other").to_json()),
    ):
        with pytest.raises(OperationError, match="SendMessage"):
            act()
        assert world.ids() == ["event-1", "event-2"]


def test_one_that_comes_back_at_once_is_left_for_another_time(world: World) -> None:
    world.park("event-1", "event-2")
    back = message("event-1").to_json()
    moved = world.letters.redrive(
        lambda _: True, rate=100, pause=no_pause, report=lambda _: world.put(back, cause="again")
    )
    assert moved == 2
    assert set(world.ids()) == {"event-1"}


def test_the_rate_is_kept(world: World) -> None:
    world.park(*(f"event-{number}" for number in range(5)))
    pauses: list[float] = []
    world.letters.redrive(lambda _: True, rate=0.5, pause=pauses.append)
    assert [round(seconds, -1) for seconds in (pauses[0], pauses[-1])] == [0, 10]
    assert pauses == sorted(pauses)


def test_a_changed_message_keeps_its_reasons(world: World) -> None:
    world.park("event-1", "event-2")
    letter = next(each for each in world.letters.read().letters if each.id == "event-1")
    changed = message("event-1", subject="Other").to_json()
    assert world.letters.replace(letter, changed)
    assert not world.letters.replace(letter, changed)
    found = next(each for each in world.letters.read().letters if each.id == "event-1")
    assert found.envelope == message("event-1", subject="Other")
    assert (found.cause, found.reason, found.attempts) == (letter.cause, letter.reason, letter.attempts)
    assert world.ids() == ["event-1", "event-2"]


def test_a_discarded_message_is_on_record_first(world: World) -> None:
    world.park("event-1", "event-2", "event-3")
    discards = Discards(world.aws, world.environment)
    assert discards.read() == []
    chosen: Callable[[Any], bool] = lambda each: each.id != "event-3"  # noqa: E731
    assert world.letters.discard(chosen, lambda letter: discards.record(letter, "a test user")) == 2
    records = discards.read()
    assert sorted(record["id"] for record in records) == ["event-1", "event-2"]
    assert {record["why"] for record in records} == {"a test user"}
    assert {record["by"] for record in records} == {"arn:aws:iam::000000000000:root"}
    assert records[0]["message"]["data"]["subject"] == "Done"
    assert world.ids() == ["event-3"]


def test_without_a_record_nothing_is_discarded(world: World) -> None:
    world.park("event-1")

    def fail(letter: object) -> None:
        raise OperationError("no log")

    with pytest.raises(OperationError, match="no log"):
        world.letters.discard(lambda _: True, fail)
    assert world.ids() == ["event-1"]


def test_the_traceback_is_the_logs(world: World) -> None:
    world.park("event-1")
    (letter,) = world.letters.read().letters
    assert world.letters.failure(letter) is None
    logs, group = (
        world.aws.client("logs"),
        names.log_group(names.consumer_function(world.environment, "notifications", SEND)),
    )
    record = {
        "level": "ERROR",
        "timestamp": datetime.now(UTC).isoformat(),
        "service": "notifications",
        "trigger": "send_email",
        "outcome": "parked",
        "ms": 1.0,
        "event_id": "event-1",
        "error": {"type": "MailRefused", "message": "no", "traceback": "Traceback ...\nMailRefused: no"},
    }
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(datetime.now(UTC).timestamp() * 1000)
    lines = ["START", json.dumps(record), json.dumps({**record, "event_id": "event-2", "ms": 2})]
    logs.put_log_events(
        logGroupName=group,
        logStreamName="s",
        logEvents=[{"timestamp": now, "message": line} for line in lines],
    )
    failure = world.letters.failure(letter)
    assert failure
    assert failure.traceback == "Traceback ...\nMailRefused: no"
    assert world.letters.failure(replace(letter, body=message("event-9").to_json())) is None


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (message("event-1").to_json(), None),
        (message("event-1", subject=7).to_json(), "malformed: subject"),
        (replace(message("event-1"), type="notifications/other").to_json(), "does not hear"),
        ("no json", "not a CloudEvent"),
    ],
)
def test_what_a_consumer_would_not_read(body: str, wrong: str | None) -> None:
    said = refusal(NOTIFICATIONS, SEND, body)
    assert (said is None) == (wrong is None)
    assert (wrong or "") in (said or "")


def test_a_queue_that_does_not_answer_is_one_line() -> None:
    with nowhere() as aws:
        letters = DeadLetters(aws, "local", NOTIFICATIONS, SEND)
        with pytest.raises(OperationError) as caught:
            letters.read()
    assert str(caught.value).startswith("cannot reach the queue local-notifications-email-dlq at http://127.")
    assert "\n" not in str(caught.value)
