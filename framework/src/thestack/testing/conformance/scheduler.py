# ruff: noqa: S101 - a suite of tests asserts
"""What every Scheduler does."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import uuid4

import pytest

from thestack.ports import Envelope, Scheduler
from thestack.testing.conformance.envelopes import AWKWARD, envelope

FAR = datetime(2090, 1, 2, 3, 4, 5, tzinfo=UTC)


class SchedulerUnderTest(Protocol):
    """A scheduler, with somebody who looks into it and empties its queue."""

    @property
    def scheduler(self) -> Scheduler: ...

    @property
    def address(self) -> str:
        """The address of a queue that exists."""
        ...

    @property
    def now(self) -> datetime:
        """The present moment, by the scheduler's clock."""
        ...

    async def kept(self, name: str) -> tuple[datetime, Envelope] | None:
        """What is kept by a name, and until when."""
        ...

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        """What came of these into the queue, waiting a bounded while, a minute of the scheduler's clock,
        until each is there.
        """
        ...


@pytest.mark.asyncio
class SchedulerConformance:
    """Inherit and give the fixture `wire`, a `SchedulerUnderTest`."""

    async def test_what_is_due_is_sent_and_kept_no_longer(self, wire: SchedulerUnderTest) -> None:
        name = new_name()
        sent = envelope(wire.address, text=AWKWARD, nested={"list": [1, 2.5, None, True, {"a": []}]})
        due = wire.now + timedelta(seconds=1)
        assert await wire.scheduler.keep(name, due, wire.address, sent) is None
        assert await wire.arrived([sent.id]) == [sent]
        assert await wire.kept(name) is None

    async def test_what_is_not_due_is_kept(self, wire: SchedulerUnderTest) -> None:
        name, sent = new_name(), said(wire, "1")
        for _ in range(2):
            assert await wire.scheduler.keep(name, FAR, wire.address, sent) is None
        assert await wire.kept(name) == (FAR, sent)

    async def test_a_moment_is_the_same_in_every_zone(self, wire: SchedulerUnderTest) -> None:
        name, sent = new_name(), said(wire, "1")
        there = datetime.fromisoformat("2090-01-02T05:04:05+02:00")
        await wire.scheduler.keep(name, there, wire.address, sent)
        assert await wire.kept(name) == (FAR, sent)

    async def test_of_a_name_the_last_one_is_kept(self, wire: SchedulerUnderTest) -> None:
        name, first, last = new_name(), said(wire, "1"), said(wire, "2")
        later = FAR + timedelta(days=1)
        await wire.scheduler.keep(name, FAR, wire.address, first)
        assert await wire.scheduler.keep(name, later, wire.address, last) is None
        assert await wire.kept(name) == (later, last)
        assert await wire.scheduler.keep(name, FAR, wire.address, first) is None
        assert await wire.kept(name) == (later, last)

    async def test_names_are_apart(self, wire: SchedulerUnderTest) -> None:
        names = [new_name(), new_name()]
        for name in names:
            await wire.scheduler.keep(name, FAR, wire.address, replace(said(wire, "1"), id=name))
        await wire.scheduler.drop(names[0], said(wire, "z"))
        assert await wire.kept(names[0]) is None
        assert await wire.kept(names[1]) is not None

    async def test_what_was_said_before_is_dropped(self, wire: SchedulerUnderTest) -> None:
        name = new_name()
        await wire.scheduler.keep(name, FAR, wire.address, said(wire, "1"))
        for _ in range(2):
            assert await wire.scheduler.drop(name, said(wire, "2")) is None
        assert await wire.kept(name) is None

    async def test_what_was_said_after_is_not(self, wire: SchedulerUnderTest) -> None:
        name, sent = new_name(), said(wire, "2")
        await wire.scheduler.keep(name, FAR, wire.address, sent)
        assert await wire.scheduler.drop(name, said(wire, "1")) is None
        assert await wire.kept(name) == (FAR, sent)


def new_name() -> str:
    """A name that no other test uses."""
    return f"name-{uuid4()}"


def said(wire: SchedulerUnderTest, order: str) -> Envelope:
    """An envelope whose id says when it was said."""
    return replace(envelope(wire.address), id=order)
