"""The rules of when a user may be told of something."""

from datetime import UTC, datetime, time, timedelta

import pytest

from services.notifications.domain import (
    FIRST_WAIT,
    LONGEST_WAIT,
    MOST_TRIES,
    Verdict,
    digest_of_address,
    is_settled,
    judge,
    quiet_until,
    settle,
    wait_after,
)
from services.notifications.records import (
    Channel,
    Muted,
    Notification,
    NotificationPreferences,
    State,
    Topic,
)
from thestack import Id


def wishes(begin: str | None, end: str | None, zone: str = "UTC") -> NotificationPreferences:
    return NotificationPreferences(
        id=Id("alice"),
        zone=zone,
        quiet_from=time.fromisoformat(begin) if begin else None,
        quiet_until=time.fromisoformat(end) if end else None,
        muted=[],
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("begin", "end", "zone", "now", "until"),
    [
        ("22:00", "07:00", "UTC", "2026-01-02T21:59", None),
        ("22:00", "07:00", "UTC", "2026-01-02T22:00", "2026-01-03T07:00"),
        ("22:00", "07:00", "UTC", "2026-01-03T03:00", "2026-01-03T07:00"),
        ("22:00", "07:00", "UTC", "2026-01-03T07:00", None),
        ("12:00", "13:30", "UTC", "2026-01-02T12:59", "2026-01-02T13:30"),
        ("12:00", "13:30", "UTC", "2026-01-02T13:30", None),
        ("22:00", "07:00", "Europe/Berlin", "2026-01-02T21:30", "2026-01-03T06:00"),
        ("22:00", "07:00", "America/New_York", "2026-01-03T03:00", "2026-01-03T12:00"),
        ("22:00", "07:00", "Asia/Kolkata", "2026-01-02T16:31", "2026-01-03T01:30"),
        # The night of 28 to 29 March 2026 has an hour less in Berlin, that of 24 to 25 October one more.
        ("22:00", "07:00", "Europe/Berlin", "2026-03-28T22:00", "2026-03-29T05:00"),
        ("22:00", "07:00", "Europe/Berlin", "2026-10-24T21:00", "2026-10-25T06:00"),
        ("00:00", "00:00", "UTC", "2026-01-02T12:00", None),
        (None, None, "UTC", "2026-01-02T23:00", None),
    ],
)
def test_quiet_hours_are_the_users_own(
    begin: str | None, end: str | None, zone: str, now: str, until: str | None
) -> None:
    assert quiet_until(wishes(begin, end, zone), at(now)) == (at(until) if until else None)


def test_a_muted_topic_is_muted_on_its_channel_alone() -> None:
    quiet = wishes("22:00", "07:00")
    quiet.muted = [Muted(channel=Channel.EMAIL, topic=Topic.REMINDERS)]
    noon, night = at("2026-01-02T12:00"), at("2026-01-02T23:00")
    muted = judge(quiet, Channel.EMAIL, Topic.REMINDERS, night)
    assert muted
    assert muted.state is State.UNSUBSCRIBED
    assert judge(quiet, Channel.PUSH, Topic.REMINDERS, noon) is None
    assert judge(quiet, Channel.EMAIL, Topic.UPDATES, noon) is None
    deferred = judge(quiet, Channel.EMAIL, Topic.UPDATES, night)
    assert deferred
    assert (deferred.state, deferred.until) == (State.DEFERRED, at("2026-01-03T07:00"))


def test_waits_double_up_to_four_hours_and_come_to_half_a_day() -> None:
    waits = [wait_after(tries) for tries in range(MOST_TRIES)]
    assert waits[:3] == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4]
    assert waits[-1] == LONGEST_WAIT
    assert sum(waits, timedelta()) > timedelta(hours=12)


def test_of_each_channel_the_last_word_is_kept() -> None:
    now = at("2026-01-02T12:00")
    notification = Notification(
        id=Id("c"),
        owner_id=Id("alice"),
        about=Id("t"),
        topic=Topic.UPDATES,
        title="x",
        created_at=now,
        deliveries=[],
        unread_since=now,
    )
    settle(notification, Channel.EMAIL, Verdict(State.DEFERRED, "quiet hours"), now)
    settle(notification, Channel.PUSH, Verdict(State.FAILED, "no"), now)
    assert (is_settled(notification, Channel.EMAIL), is_settled(notification, Channel.PUSH)) == (False, True)
    settle(notification, Channel.EMAIL, Verdict(State.SENT, id="m"), now)
    assert is_settled(notification, Channel.EMAIL)
    assert {each.channel: each.state for each in notification.deliveries} == {
        Channel.EMAIL: State.SENT,
        Channel.PUSH: State.FAILED,
    }


def test_an_address_is_the_same_however_it_is_written() -> None:
    assert digest_of_address(" Alice@Example.COM ") == digest_of_address("alice@example.com")
    assert "alice" not in digest_of_address("alice@example.com")
