# ruff: noqa: S101 - a suite of tests asserts
"""What the receiving end of every queue does."""

from datetime import timedelta
from typing import Protocol

import pytest

from thestack.ports import Deliveries, Delivery, Refusal
from thestack.testing.conformance.envelopes import AWKWARD, envelope


class DeliveriesUnderTest(Protocol):
    """A queue with a DLQ, both empty, and a visibility timeout that is longer than a test."""

    @property
    def deliveries(self) -> Deliveries: ...

    async def deliver(self, body: str) -> Delivery:
        """Put a message into the queue, and take it out for the first time."""
        ...

    async def again(self) -> Delivery | None:
        """The next delivery of the queue, if one comes within a second."""
        ...

    async def dead(self) -> list[tuple[str, Refusal]]:
        """The bodies in the DLQ, and why each is there."""
        ...


REFUSAL = Refusal("todo.welcome", "Reject", "The address is no address.", 5)


@pytest.mark.asyncio
class DeliveriesConformance:
    """Inherit and give the fixture `wire`, a `DeliveriesUnderTest`."""

    async def test_a_postponed_message_comes_again_and_counts(self, wire: DeliveriesUnderTest) -> None:
        first = await wire.deliver("postponed")
        await wire.deliveries.postpone(first, timedelta(0))
        second = await wire.again()
        assert second is not None
        assert (second.id, second.body, second.attempt) == (first.id, "postponed", first.attempt + 1)

    async def test_a_message_postponed_for_longer_does_not_come_sooner(
        self, wire: DeliveriesUnderTest
    ) -> None:
        await wire.deliveries.postpone(await wire.deliver("later"), timedelta(minutes=10))
        assert await wire.again() is None

    async def test_a_delay_is_not_cut_short(self, wire: DeliveriesUnderTest) -> None:
        await wire.deliveries.postpone(await wire.deliver("soon"), timedelta(milliseconds=1500))
        assert await wire.again() is None

    async def test_a_parked_message_is_in_the_dlq_with_its_reason(self, wire: DeliveriesUnderTest) -> None:
        body = envelope(title=AWKWARD.replace("\ufffe", "").replace("\uffff", "")).to_json()
        await wire.deliveries.park(await wire.deliver(body), REFUSAL)
        assert await wire.dead() == [(body, REFUSAL)]

    async def test_a_reason_of_any_text_and_length_keeps_no_message_from_the_dlq(
        self, wire: DeliveriesUnderTest
    ) -> None:
        said = "title: " + AWKWARD + "x" * 300_000
        await wire.deliveries.park(await wire.deliver("poison"), Refusal("h", "ValueError", said, 1))
        ((body, refusal),) = await wire.dead()
        assert (body, refusal.cause) == ("poison", "ValueError")
        assert refusal.reason.startswith("title: Zoë")

    async def test_a_refusal_without_words_is_one_too(self, wire: DeliveriesUnderTest) -> None:
        await wire.deliveries.park(await wire.deliver("poison"), Refusal("h", "AssertionError", "", 1))
        ((body, refusal),) = await wire.dead()
        assert (body, refusal.handler, refusal.attempts) == ("poison", "h", 1)
