# ruff: noqa: S101 - a suite of tests asserts
"""What every EventBus does."""

from collections.abc import Collection
from typing import Protocol

import pytest

from thestack.ports import Envelope, EventBus
from thestack.testing.conformance.envelopes import AWKWARD, envelope


class BusUnderTest(Protocol):
    """A bus with somebody who hears all of it."""

    @property
    def bus(self) -> EventBus: ...

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        """What the hearer got of these, waiting a bounded while until each is there."""
        ...

    def refused(self, envelope: Envelope) -> Envelope:
        """The envelope, so changed (or the bus so prepared) that the bus refuses it, and it alone."""
        ...


@pytest.mark.asyncio
class BusConformance:
    """Inherit and give the fixture `wire`, a `BusUnderTest`."""

    async def test_nothing_is_published_in_no_time(self, wire: BusUnderTest) -> None:
        assert await wire.bus.publish([]) == []

    async def test_an_envelope_arrives_as_it_was_sent(self, wire: BusUnderTest) -> None:
        sent = envelope(title=AWKWARD, nested={"list": [1, 2.5, None, True, {"a": []}]})
        assert await wire.bus.publish([sent]) == [None]
        assert await wire.arrived([sent.id]) == [sent]

    async def test_more_than_a_request_takes_is_split(self, wire: BusUnderTest) -> None:
        sent = [envelope(number=number) for number in range(23)]
        assert await wire.bus.publish(sent) == [None] * 23
        assert by_id(await wire.arrived(ids(sent))) == by_id(sent)

    async def test_more_bytes_than_a_request_takes_are_split(self, wire: BusUnderTest) -> None:
        sent = [envelope(text="x" * 100_000) for _ in range(6)]
        assert await wire.bus.publish(sent) == [None] * 6
        assert ids(await wire.arrived(ids(sent))) == ids(sent)

    async def test_bytes_are_counted_and_not_characters(self, wire: BusUnderTest) -> None:
        sent = [envelope(text="\U0001f600" * 30_000) for _ in range(3)]
        assert await wire.bus.publish(sent) == [None] * 3
        assert ids(await wire.arrived(ids(sent))) == ids(sent)

    async def test_a_refused_one_spoils_no_other(self, wire: BusUnderTest) -> None:
        sent = [envelope(number=number) for number in range(10)]
        sent[3] = wire.refused(sent[3])
        answer = await wire.bus.publish(sent)
        assert [bool(reason) for reason in answer] == [number == 3 for number in range(10)]
        others = ids(sent) - {sent[3].id}
        assert ids(await wire.arrived(others)) == others


def ids(envelopes: Collection[Envelope]) -> set[str]:
    """Which they are."""
    return {each.id for each in envelopes}


def by_id(envelopes: Collection[Envelope]) -> list[Envelope]:
    """In an order that does not depend on how they came, each once."""
    return sorted({each.id: each for each in envelopes}.values(), key=lambda each: each.id)
