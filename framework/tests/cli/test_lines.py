"""A record as a person reads it: one line, in columns, within a terminal."""

import json
import re
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from thestack.cli.lines import text_of
from thestack.operations.records import parse

AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def line(terminal: bool = False, **said: Any) -> str:
    """The text of a record as the commands print it."""
    least = {
        "service": "todo",
        "trigger": "graphql",
        "outcome": "ok",
        "ms": 12.34,
        "correlation_id": "9f3a21c8-x",
    }
    record = parse(json.dumps({**least, **said}), "f", AT)
    assert record
    written = StringIO()
    colours: Any = "standard" if terminal else None
    console = Console(
        file=written,
        force_terminal=terminal,
        color_system=colours,
        no_color=False,
        highlight=False,
        soft_wrap=True,
    )
    console.print(text_of(record))
    return written.getvalue().rstrip("\n")


def test_columns() -> None:
    text = line(operation="mutation Complete", fields=["completeTodo"])
    time, rest = text[:12], text[14:]
    assert time.endswith(":05.678")
    assert rest == "todo.graphql              mutation completeTodo             ok            12 ms  9f3a21c8"
    assert len(text) <= 104


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ({"service": "router", "trigger": "http", "door": "private", "status": 401}, "private door 401"),
        (
            {"trigger": "http", "door": "public", "status": 200, "operation": "query", "fields": ["a", "b"]},
            "query a, b 200",
        ),
        ({"trigger": "relay", "type": "todo.created", "destination": "bus"}, "todo.created → bus"),
        (
            {"trigger": "relay", "type": "notifications/email", "destination": "notifications/email"},
            "notifications/email → queue",
        ),
        ({"trigger": "count", "type": "todo.created", "attempt": 1}, "todo.created"),
        ({"trigger": "count", "type": "todo.created", "attempt": 2}, "todo.created, attempt 2"),
        ({"service": "authorizer", "trigger": "http"}, ""),
    ],
)
def test_what_it_was_about(said: dict[str, Any], about: str) -> None:
    who = f"{said.get('service', 'todo')}.{said['trigger']}"
    assert f"{who:<24}  {about:<32}  ok" in line(**said)


def test_the_columns_of_all_kinds_are_aligned() -> None:
    texts = [
        line(operation="query", fields=["todos"]),
        line(service="notifications", trigger="send_email", type="notifications/email", outcome="effected"),
        line(service="router", trigger="http", door="private", status=401, outcome="ok", ms=1234),
    ]
    assert len({text.index("9f3a21c8") for text in texts}) == 1


def test_a_traceback_is_indented_below() -> None:
    error = {"type": "KeyError", "message": "'x'", "traceback": "Traceback\n  File [a]\nKeyError: 'x'"}
    first, *rest = line(outcome="retry", level="WARNING", error=error).splitlines()
    assert "retry" in first
    assert rest == ["    Traceback", "      File [a]", "    KeyError: 'x'"]


def test_an_expected_failure_is_one_further_line() -> None:
    error = {"type": "Reject", "message": "never [sic]"}
    assert line(outcome="parked", level="ERROR", error=error).splitlines()[1:] == ["    Reject: never [sic]"]


def test_text_of_others_is_no_markup() -> None:
    assert "[bold]x[/]" in line(type="[bold]x[/]")
    assert "[/]" in line(outcome="[/]")


@pytest.mark.parametrize(
    ("said", "colour"),
    [
        ({"outcome": "ok"}, 32),
        ({"outcome": "NOT_FOUND"}, 33),
        ({"outcome": "retry", "level": "WARNING"}, 33),
        ({"outcome": "parked", "level": "ERROR"}, 31),
    ],
)
def test_a_terminal_sees_the_outcome_in_colour(said: dict[str, Any], colour: int) -> None:
    outcome = said["outcome"]
    assert re.search(rf"\x1b\[{colour}m{outcome} *\x1b\[0m", line(terminal=True, **said))
    assert "\x1b" not in line(**said)
