"""What an entry point logs is one line, and the record that the commands read."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from thestack.definition.problems import Reject
from thestack.entry.telemetry import LONGEST_MESSAGE, Telemetry, caused_by, together, waited
from thestack.operations.records import Caused, Record, parse
from thestack.ports import Envelope
from thestack.runtime.journal import Journal

ENVELOPE = Envelope(
    "e1", "todo.completed", 1, "todo", "s", datetime.now(UTC) - timedelta(seconds=2), "main", {"secret": "x"}
)


def new_telemetry() -> Telemetry:
    """A function's telemetry. A process keeps loggers by their service, so each test has one of its own."""
    return Telemetry("count", service=f"todo-{uuid4().hex}", package="services.todo")


def logged(capsys: pytest.CaptureFixture[str]) -> Record:
    (line,) = capsys.readouterr().out.splitlines()
    record = parse(line, "f", datetime(2020, 1, 1, tzinfo=UTC))
    assert record, line
    return record


def test_a_record_of_everything(capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(caused=[ENVELOPE])
    new_telemetry().tell(
        "effected",
        time.perf_counter() - 0.25,
        correlation_id="c-12345678",
        event_id="e0",
        attempt=2,
        caused=caused_by(journal),
        mails=["m1"],
        fields=("a", "b"),
        type=None,
    )
    record = logged(capsys)
    assert (record.trigger, record.outcome, record.level) == ("count", "effected", "INFO")
    assert (record.event_id, record.attempt, record.mails) == ("e0", 2, ("m1",))
    assert (record.caused, record.fields, record.type) == ((Caused("e1", "todo.completed"),), ("a", "b"), "")
    assert 250 <= record.ms < 5000
    assert abs((datetime.now(UTC) - record.at).total_seconds()) < 5


def test_an_unexpected_failure_has_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        json.loads("nonsense")
    except ValueError as wrong:
        new_telemetry().tell("retry", time.perf_counter(), level="warning", failure=wrong)
    record = logged(capsys)
    assert record.level == "WARNING"
    assert record.error
    assert record.error.type == "JSONDecodeError"
    assert record.error.traceback.startswith("Traceback")


def test_an_expected_one_says_what_it_means_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    new_telemetry().tell("parked", time.perf_counter(), level="error", failure=Reject("no such user" * 1000))
    record = logged(capsys)
    assert record.error
    assert (record.error.type, record.error.traceback) == ("Reject", "")
    assert len(record.error.message) == LONGEST_MESSAGE


def test_several_failures_are_told_together() -> None:
    one, two = ValueError("1"), KeyError("2")
    assert together([]) is None
    assert together([one]) is one
    both = together([one, two])
    assert isinstance(both, ExceptionGroup)
    assert both.exceptions == (one, two)


def test_what_an_event_holds_is_not_told() -> None:
    assert caused_by(Journal(caused=[ENVELOPE])) == [{"id": "e1", "type": "todo.completed"}]


def test_the_wait_is_in_milliseconds() -> None:
    said = replace(ENVELOPE, time=datetime.now(UTC) - timedelta(seconds=2))
    assert 2000 <= waited(said) < 60_000
