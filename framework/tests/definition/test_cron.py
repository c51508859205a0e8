"""Cron expressions are read as EventBridge reads them."""

from datetime import UTC, datetime

import pytest

from thestack.definition.cron import WrongCron, parse

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "moment"),
    [
        ("*/5 * * * ? *", "UTC", "2026-01-02T03:05"),
        ("0 0/6 * * ? *", "UTC", "2026-01-02T06:00"),
        ("0 9 ? * MON-FRI *", "Europe/Berlin", "2026-01-02T08:00"),
        ("0 0 ? * SAT,2 *", "UTC", "2026-01-03T00:00"),
        ("0 0 ? * FRI-MON *", "UTC", "2026-01-03T00:00"),
        ("0 0 L * ? *", "UTC", "2026-01-31T00:00"),
        ("0 0 LW FEB ? *", "UTC", "2026-02-27T00:00"),
        ("0 9 1W * ? *", "UTC", "2026-02-02T09:00"),
        ("0 0 ? * 6L *", "UTC", "2026-01-30T00:00"),
        ("30 2 ? * 1#2 2027", "America/New_York", "2027-01-10T07:30"),
        ("0 12 29 2 ? *", "UTC", "2028-02-29T12:00"),
        ("30 2 29 3 ? 2026-2027", "Europe/Berlin", "2027-03-29T00:30"),
    ],
)
def test_the_next_moment(expression: str, zone: str, moment: str) -> None:
    assert parse(expression).next(NOW, zone) == datetime.fromisoformat(f"{moment}+00:00")


def test_a_calendar_may_have_no_further_moment() -> None:
    assert parse("0 0 1 1 ? 1999").next(NOW, "UTC") is None


def test_a_moment_that_the_clocks_repeat_comes_once() -> None:
    once = parse("30 2 25 10 ? 2026")
    first = once.next(NOW, "Europe/Berlin")
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert once.next(first, "Europe/Berlin") is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("0 9 * * *", "0 9 * * ? *"),
        ("0 9 * * 1-5", "0 9 ? * MON-FRI *"),
        ("0 9 * * 7", "0 9 ? * SUN *"),
        ("0 9 * * * *", "0 9 * * ? *"),
        ("0 9 1 * MON *", "0 9 1 * ? *"),
        ("0 9 ? * ? *", "0 9 * * ? *"),
        ("0 9 * * MON *", "0 9 ? * MON *"),
    ],
)
def test_what_was_meant_is_guessed(wrong: str, right: str) -> None:
    with pytest.raises(WrongCron) as caught:
        parse(wrong)
    assert caught.value.right == right
    parse(right)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "0 25 * * ? *",
        "60 9 * * ? *",
        "0 9 ? * FOO *",
        "5-1 * * * ? *",
        "*/0 * * * ? *",
        "0 9 ? * MON/2 *",
        "0 9 ? * 2#6 *",
        "0 9 0W * ? *",
        "0 9 1, * ? *",
        "99 9 * * 1",
    ],
)
def test_what_stands_for_nothing(wrong: str) -> None:
    with pytest.raises(WrongCron) as caught:
        parse(wrong)
    assert caught.value.right == ""
