"""Operations in a router's log become sections of their client's file."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from thestack.operations.logs import Line
from thestack.operations.recording import by_client


def line(text: str, client: str = "web", day: int = 1, **other: Any) -> Line:
    told = {"hash": hashlib.sha256(text.encode()).hexdigest()[:12], "client": client, "text": text, **other}
    said = {"level": "INFO", "message": "operation: recorded", "operation": told}
    return Line(datetime(2026, 11, day, tzinfo=UTC), "local-router", json.dumps(said), "1")


def test_an_operation_that_many_processes_told_is_one_of_the_last_day() -> None:
    found = by_client([line("{ a }", day=3), line("{ a }", day=1), line("{ b }", "app"), line("{ b }")])
    assert list(found) == ["app", "web"]
    assert {each.text: each.seen.day for each in found["web"] if each.seen} == {"{ a }": 3, "{ b }": 1}


@pytest.mark.parametrize(
    "other",
    [
        line("{ a }", "../../etc/passwd"),
        line("{ a }", hash="0" * 12),
        Line(datetime.now(UTC), "f", "operation: recorded", "1"),
        Line(datetime.now(UTC), "f", '["operation: recorded"]', "1"),
        Line(datetime.now(UTC), "f", '{"message": "operation: recorded", "operation": null}', "1"),
    ],
)
def test_what_is_no_operation_is_left_out(other: Line) -> None:
    assert list(by_client([other, line("{ b }")])) == ["web"]
