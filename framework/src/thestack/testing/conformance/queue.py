# ruff: noqa: S101 - a suite of tests asserts
"""What every Queue does."""

from collections.abc import Collection
from dataclasses import replace
from typing import Protocol

import pytest

from thestack.ports import Envelope, Queue
from thestack.testing.conformance.bus import by_id, ids
from thestack.testing.conformance.envelopes import AWKWARD, envelope


class QueueUnderTest(Protocol):
    """A queue with somebody who empties it."""

    @property
    def queue(self) -> Queue: ...

    @property
    def address(self) -> str:
        """The address of a queue that exists; `nowhere/else` is none."""
        ...

    async def arrived(self, ids: Collection[str]) -> list[Envelope]:
        """What came of these, waiting a bounded while until each is there."""
        ...


@pytest.mark.asyncio
class QueueConformance:
    """Inherit and give the fixture `wire`, a `QueueUnderTest`."""

    async def test_nothing_is_sent_in_no_time(self, wire: QueueUnderTest) -> None:
        assert await wire.queue.send(wire.address, []) == []

    async def test_a_message_arrives_as_it_was_sent(self, wire: QueueUnderTest) -> None:
        sent = envelope(wire.address, text=AWKWARD, nested={"list": [1, 2.5, None, True, {"a": []}]})
        assert await wire.queue.send(wire.address, [sent]) == [None]
        assert await wire.arrived([sent.id]) == [sent]

    async def test_more_than_a_request_takes_is_split(self, wire: QueueUnderTest) -> None:
        sent = [envelope(wire.address, number=number) for number in range(23)]
        assert await wire.queue.send(wire.address, sent) == [None] * 23
        assert by_id(await wire.arrived(ids(sent))) == by_id(sent)

    async def test_more_bytes_than_a_request_takes_are_split(self, wire: QueueUnderTest) -> None:
        sent = [envelope(wire.address, text="x" * 200_000) for _ in range(8)]
        assert await wire.queue.send(wire.address, sent) == [None] * 8
        assert ids(await wire.arrived(ids(sent))) == ids(sent)

    async def test_a_queue_that_is_not_there_is_a_reason_and_no_exception(self, wire: QueueUnderTest) -> None:
        answer = await wire.queue.send("nowhere/else", [envelope("nowhere/else") for _ in range(12)])
        assert len(answer) == 12
        assert all(answer)


@pytest.mark.asyncio
class OrderedQueueConformance:
    """What every queue does that keeps order. Inherit and give the fixture `wire`, a `QueueUnderTest` whose
    address ends in ".fifo".
    """

    async def test_messages_of_a_group_arrive_in_the_order_in_which_they_were_sent(
        self, wire: QueueUnderTest
    ) -> None:
        sent = [
            replace(envelope(wire.address, number=number), partition_key=f"group {number % 3}")
            for number in range(23)
        ]
        assert await wire.queue.send(wire.address, sent) == [None] * 23
        came = await wire.arrived(ids(sent))
        for group in {each.partition_key for each in sent}:
            assert [each for each in came if each.partition_key == group] == [
                each for each in sent if each.partition_key == group
            ]

    async def test_what_is_sent_again_is_accepted_and_comes_once(self, wire: QueueUnderTest) -> None:
        first = replace(envelope(wire.address, number=1), partition_key="a")
        last = replace(envelope(wire.address, number=2), partition_key="a")
        assert await wire.queue.send(wire.address, [first]) == [None]
        assert await wire.queue.send(wire.address, [first, last]) == [None, None]
        assert [each.id for each in await wire.arrived([first.id, last.id])] == [first.id, last.id]

    async def test_a_group_has_any_text_and_is_its_tenants(self, wire: QueueUnderTest) -> None:
        keys = ["", "x" * 200, AWKWARD, "a b", "a#b"]
        sent = [replace(envelope(wire.address), partition_key=key) for key in keys]
        sent += [replace(envelope(wire.address), partition_key=key, tenant="acme") for key in keys]
        assert await wire.queue.send(wire.address, sent) == [None] * len(sent)
        assert by_id(await wire.arrived(ids(sent))) == by_id(sent)
