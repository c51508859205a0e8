"""Reminders, with todo beside: due todos are told of, and those that are done are not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.notifications.push import Note
from services.notifications.tests.notified import World, email, reminder
from thestack.testing import Outcome

REGISTER = 'mutation { registerDevice(platform: FCM, token: "t") { id endpoint } }'


async def test_what_is_due_is_told_by_mail_and_push_once(world: World) -> None:
    endpoint = (await world.ask(REGISTER))["registerDevice"]["endpoint"]
    for id in ("r", "r", "the same again"):
        await world.deliver(reminder(id))
        await world.settle()
    (mail,) = world.mailer.sent
    assert mail.subject == "Due: milk"
    assert "2 January 2026, 03:04 (UTC)" in mail.text
    assert mail.tags["topic"] == "REMINDERS"
    note = Note("Due: milk", "You wanted to be done with this: milk", "t-1")
    assert world.push.sent == [(endpoint, note)]
    assert await world.states() == [{"EMAIL": "SENT", "PUSH": "SENT"}]
    assert (await world.ask("{ unreadNotifications }"))["unreadNotifications"] == 1


async def test_without_a_device_there_is_a_mail_alone(world: World) -> None:
    await world.deliver(reminder())
    await world.settle()
    assert await world.states() == [{"EMAIL": "SENT"}]


@pytest.mark.parametrize("event", ["todo.completed", "todo.deleted"])
async def test_a_reminder_that_comes_too_late_is_not_sent(world: World, event: str) -> None:
    """Its cancellation came late: todo had sent it already."""
    await world.deliver(ended(event))
    assert await world.deliver(reminder()) == [Outcome.EFFECTED]
    await world.settle()
    assert (world.mailer.sent, await world.notified()) == ([], [])
    await world.deliver(reminder("2", about="t-2"))
    await world.settle()
    assert len(world.mailer.sent) == 1


async def test_a_reminder_that_was_put_off_is_not_sent_when_the_todo_is_done_meanwhile(world: World) -> None:
    await world.ask(REGISTER)
    await world.prefer(quietFrom="00:00", quietUntil="07:00")
    await world.deliver(reminder())
    await world.settle()
    assert await world.states() == [{"EMAIL": "DEFERRED", "PUSH": "DEFERRED"}]
    await world.deliver(ended("todo.completed"))
    world.clock.advance(timedelta(hours=5))
    await world.settle()
    assert (world.mailer.sent, world.push.sent) == ([], [])
    assert await world.states() == [{"EMAIL": "CANCELLED", "PUSH": "CANCELLED"}]


async def test_what_was_put_off_is_sent_when_quiet_hours_end(world: World) -> None:
    await world.ask(REGISTER)
    await world.prefer(quietFrom="00:00", quietUntil="07:00")
    await world.deliver(reminder())
    await world.settle()
    world.clock.advance(timedelta(hours=5))
    await world.settle()
    assert (len(world.mailer.sent), len(world.push.sent)) == (1, 1)
    assert (await world.ask("{ unreadNotifications }"))["unreadNotifications"] == 1


def ended(event: str) -> Any:
    """That todo t-1 of alice's has ended."""
    said = email(f"ended {event}")
    data = {"todo_id": "t-1", "owner_id": "alice", "completed_at": "2026-01-02T03:04:05Z"}
    return replace(said, type=event, source="todo", data=data)
