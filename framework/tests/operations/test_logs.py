"""Logs as they are in CloudWatch Logs: the emulator's, with what was put there by its API."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from framework.tests.local.conftest import nowhere
from thestack.definition import names
from thestack.local.emulator import Emulator
from thestack.operations import logs
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Pause
from thestack.operations.logs import Logs

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("emulator")]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOW = datetime.now(UTC).replace(microsecond=0)


class Enough(Exception):
    """Ends a `follow`."""


def followed(aws: Aws, function: str, pause: Pause) -> list[list[str]]:
    """What each round of following shows, until `pause` has enough."""
    found: list[list[str]] = []
    with suppress(Enough):
        found.extend([line.text for line in lines] for lines in Logs(aws, [function]).follow(LONG_AGO, pause))
    return found


@pytest.fixture
def aws(emulator: Emulator) -> Aws:
    return emulator.aws


Put = Callable[..., None]


@pytest.fixture
def function() -> str:
    return f"f-{uuid4().hex}"


@pytest.fixture
def put(aws: Aws) -> Put:
    """Writes lines into a function's log group, as Lambda does."""
    client = aws.client("logs")

    def put(function: str, *lines: str, at: datetime = NOW, stream: str | None = None) -> None:
        group, name = names.log_group(function), stream or uuid4().hex
        if not client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            client.create_log_group(logGroupName=group)
        client.create_log_stream(logGroupName=group, logStreamName=name)
        events = [{"timestamp": int(at.timestamp() * 1000), "message": f"{line}\n"} for line in lines]
        client.put_log_events(logGroupName=group, logStreamName=name, logEvents=events)

    return put


def test_lines_of_several_functions_are_merged_by_time(aws: Aws, put: Put, function: str) -> None:
    other = f"{function}-2"
    put(function, "third", at=NOW)
    put(function, "first", at=NOW - timedelta(seconds=2))
    put(other, "second", at=NOW - timedelta(seconds=1))
    lines = Logs(aws, [function, other]).read(LONG_AGO)
    assert [(line.function, line.text) for line in lines] == [
        (function, "first"),
        (other, "second"),
        (function, "third"),
    ]
    assert lines[0].at == NOW - timedelta(seconds=2)


def test_only_those_since_a_moment_and_with_a_phrase(aws: Aws, put: Put, function: str) -> None:
    put(function, "early a1-b2", at=NOW - timedelta(hours=1))
    put(function, "late a1-b2", "late c3")
    asked = Logs(aws, [function])
    assert [line.text for line in asked.read(NOW - timedelta(minutes=1))] == ["late a1-b2", "late c3"]
    assert [line.text for line in asked.read(LONG_AGO, "a1-b2")] == ["early a1-b2", "late a1-b2"]


def test_a_function_that_has_not_logged_yet_has_no_lines(aws: Aws, function: str) -> None:
    assert Logs(aws, [function]).read(LONG_AGO) == []


def test_following_shows_each_line_once(aws: Aws, put: Put, function: str) -> None:
    asked: list[float] = []

    def pause(seconds: float) -> None:
        asked.append(seconds)
        if len(asked) == 1:
            put(function, "same", "later", at=NOW)  # as old as what was there, and yet new
        elif len(asked) == 3:
            raise Enough

    put(function, "same", stream="one")
    found = followed(aws, function, pause)
    assert found == [["same"], ["same", "later"], []]
    assert min(asked) >= 0.5  # CloudWatch's quota is the account's


def test_a_line_that_comes_late_is_not_missed(aws: Aws, put: Put, function: str) -> None:
    rounds = iter((lambda: put(function, "late", at=NOW - timedelta(seconds=5)), None))

    def pause(_: float) -> None:
        act = next(rounds)
        if act is None:
            raise Enough
        act()

    put(function, "first", at=NOW)
    assert followed(aws, function, pause) == [["first"], ["late"]]


def test_too_many_lines_are_refused_with_what_to_do(aws: Aws, put: Put, function: str) -> None:
    for _ in range(10):
        put(function, *(f"line {number}" for number in range(logs.MOST // 10)))
    with pytest.raises(OperationError, match=rf"{function} logged more than 10000 lines .* with --since"):
        Logs(aws, [function]).read(LONG_AGO)


def test_no_answer_is_one_line(function: str) -> None:
    with nowhere() as aws:
        began = time.monotonic()
        with pytest.raises(OperationError, match=f"cannot read the logs at {aws.endpoint}: "):
            Logs(aws, [function]).read(LONG_AGO)
        assert time.monotonic() - began < 30
