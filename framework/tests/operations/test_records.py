"""What is a record of the log, and what is not."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thestack.operations.records import Call, Caused, Failure, parse

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LEAST = {"service": "todo", "trigger": "graphql", "outcome": "ok", "ms": 12.5}
SAID: dict[str, Any] = {
    **LEAST,
    "level": "ERROR",
    "timestamp": "2026-01-02T03:04:04.500+00:00",
    "correlation_id": "c-12345678",
    "operation": "mutation Complete",
    "fields": ["completeTodo"],
    "subgraphs": [{"service": "todo", "outcome": "TIMEOUT", "ms": 20000, "why": "TimeoutError"}],
    "caused": [{"id": "1", "type": "todo.completed"}],
    "mails": ["m1"],
    "error": {"type": "ValueError", "message": "no", "traceback": "..."},
    "xray_trace_id": "another's",
}


def test_a_record_is_read_back() -> None:
    record = parse(json.dumps(SAID), "local-todo-graphql", AT)
    assert record
    assert (record.function, record.who) == ("local-todo-graphql", "todo.graphql")
    assert record.at == AT - timedelta(milliseconds=500)
    assert record.began == record.at - timedelta(milliseconds=12.5)
    assert record.fields == ("completeTodo",)
    assert record.subgraphs == (Call("todo", "TIMEOUT", 20000, "TimeoutError"),)
    assert record.caused == (Caused("1", "todo.completed"),)
    assert record.error == Failure("ValueError", "no", "...")


def test_without_its_own_time_it_has_the_logs() -> None:
    record = parse(json.dumps(LEAST), "f", AT)
    assert record
    assert record.at == AT


@pytest.mark.parametrize(
    ("outcome", "well"),
    [("ok", True), ("effected", True), ("duplicate", True), ("retry", False), ("NOT_FOUND,CONFLICT", False)],
)
def test_what_went_well(outcome: str, well: bool) -> None:
    record = parse(json.dumps({**LEAST, "outcome": outcome}), "f", AT)
    assert record
    assert record.went_well is well


def test_as_json_it_holds_what_concerns_it_and_nothing_else() -> None:
    record = parse(json.dumps({**LEAST, "ms": 0}), "f", AT)
    assert record
    assert json.loads(json.dumps(record.as_json())) == {
        **LEAST,
        "ms": 0,
        "at": AT.isoformat(),
        "function": "f",
        "level": "INFO",
    }


def test_what_it_says_as_json_is_a_record_again() -> None:
    record = parse(json.dumps(SAID), "f", AT)
    assert record
    said = record.as_json()
    assert parse(json.dumps({**said, "timestamp": said["at"]}), "f", AT) == record


@pytest.mark.parametrize("missing", LEAST)
def test_what_lacks_a_part_is_none(missing: str) -> None:
    assert parse(json.dumps({**LEAST, missing: None}), "f", AT) is None
    assert parse(json.dumps({name: LEAST[name] for name in LEAST if name != missing}), "f", AT) is None


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_else_a_function_prints_is_none(text: str) -> None:
    assert parse(text, "f", AT) is None


@given(st.dictionaries(st.sampled_from([*SAID, "at", "function"]), st.none() | st.integers() | st.text()))
def test_a_record_gone_wrong_raises_nothing(wrong: dict[str, Any]) -> None:
    parse(json.dumps({**SAID, **wrong}), "f", AT)
