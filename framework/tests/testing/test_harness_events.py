"""The harness does with versions, filters, order and waits what bus and queues do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.definition.options import MAXIMUM_HOPS
from thestack.ports import Envelope
from thestack.testing import BEGIN, Harness, Outcome, user

HERE = Path(__file__).parent
ALICE = user("alice")


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    loaded = load(HERE / "warehouse.py", HERE)
    assert loaded.model, loaded.diagnostics
    return loaded.model


@pytest.fixture
def harness(model: ServiceModel) -> Harness:
    return Harness(model)


def said(version: int, type: str = "order.placed", **data: Any) -> Envelope:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Envelope(f"e-{version}", type, version, "warehouse", "Order/1", moment, "main", data)


def taken(harness: Harness, consumer: str) -> list[tuple[str, int, Outcome, float]]:
    """What a consumer took, at which attempt, with which outcome, how many seconds after the beginning."""
    return [
        (each.envelope.data.get("what", ""), each.number, each.outcome, (each.at - BEGIN).total_seconds())
        for each in harness.attempts
        if each.consumer == f"warehouse.{consumer}"
    ]


async def heard(harness: Harness, id: str) -> str:
    """What was noted about an order."""
    query = "query ($id: ID!) { order(id: $id) { heard } }"
    answer = await harness["warehouse"].ask(query, ALICE, id=id)
    return str(answer["data"]["order"]["heard"])


@pytest.mark.parametrize(
    "event",
    [said(1, order="1"), said(2, order_id="1"), said(3, order_id="1", priority="HIGH")],
    ids=["v1", "v2", "v3"],
)
async def test_every_version_with_a_way_to_the_one_that_is_read_is_heard(
    harness: Harness, event: Envelope
) -> None:
    assert await harness.deliver(event) == [Outcome.EFFECTED] * 2
    assert await heard(harness, "1") == "rush 1, file HIGH"


async def test_messages_are_upcast_too(harness: Harness) -> None:
    assert await harness.deliver(said(1, "warehouse/packing.fifo", order="1")) == [Outcome.EFFECTED]
    assert await heard(harness, "1") == "everything"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (said(4, order_id="1"), "came in version 4; this service reads 3, and has no upcaster"),
        (said(0, order_id="1"), "came in version 0"),
        (said(1, order_id="1"), "order.placed is malformed: order"),
        (said(2, order_id="broken"), "`third` can't make version 3 of order.placed: ValueError: it has no"),
    ],
)
async def test_what_no_upcaster_can_read_is_rejected_with_the_reason(
    harness: Harness, event: Envelope, reason: str
) -> None:
    assert await harness.deliver(event) == [Outcome.PARKED] * 2
    for _, refusal in harness.dead_letters:
        assert (refusal.cause, refusal.attempts) == ("Reject", 1)
        assert reason in refusal.reason


async def test_a_filter_leaves_out_what_it_does_not_admit(harness: Harness) -> None:
    await harness["warehouse"].ask('mutation { place(id: "slow") { id } }', ALICE)
    await harness["warehouse"].ask('mutation { place(id: "quick", urgent: true) { id } }', ALICE)
    await harness.settle()
    assert [outcome for _, _, outcome, _ in taken(harness, "rush")] == [Outcome.PASSED, Outcome.EFFECTED]
    assert "rush" not in await heard(harness, "slow")
    assert "rush quick" in await heard(harness, "quick")


async def test_messages_of_a_group_are_taken_in_order_and_wait_for_one_that_fails(harness: Harness) -> None:
    for id in ("tangled", "smooth"):
        await harness["warehouse"].ask("mutation ($id: ID!) { place(id: $id) { id } }", ALICE, id=id)
    await harness.settle()
    assert [at for what, _, outcome, at in taken(harness, "pack") if what == "bow"] == [0, 0, 4]
    tangled = [
        (each.envelope.data["what"], each.outcome)
        for each in harness.attempts
        if each.consumer == "warehouse.pack" and each.envelope.partition_key == "tangled"
    ]
    assert tangled == [
        ("box", Outcome.EFFECTED),
        ("bow", Outcome.RETRY),
        ("bow", Outcome.PARKED),
        ("card", Outcome.EFFECTED),
    ]
    assert (await heard(harness, "smooth")).endswith("box, bow, card")


async def test_one_that_is_rejected_holds_nobody_up(harness: Harness) -> None:
    await harness["warehouse"].ask('mutation { place(id: "refused") { id } }', ALICE)
    await harness.settle()
    assert [at for _, _, _, at in taken(harness, "pack")] == [0, 0, 0]
    assert (await heard(harness, "refused")).endswith("box, card")


async def test_messages_wait_as_their_queue_says_or_longer(harness: Harness) -> None:
    await harness["warehouse"].ask('mutation { place(id: "1") { id } }', ALICE)
    await harness.settle()
    waits = {what: at for what, _, _, at in taken(harness, "remind")}
    assert waits == {"usual": 30, "later": 300, "sooner": 30}


async def test_the_time_in_the_outbox_counts(harness: Harness) -> None:
    await harness["warehouse"].ask('mutation { place(id: "1") { id } }', ALICE)
    harness.clock.advance(timedelta(minutes=4))
    await harness.settle()
    waits = {what: at for what, _, _, at in taken(harness, "remind")}
    assert (waits["later"], waits["sooner"]) == (300, 240)


async def test_what_goes_round_ends_in_the_dlq_at_once(harness: Harness) -> None:
    await harness["warehouse"].ask('mutation { shout(id: "1") { id } }', ALICE)
    await harness.settle()
    outcomes = [outcome for _, _, outcome, _ in taken(harness, "answer")]
    assert outcomes == [Outcome.EFFECTED] * (MAXIMUM_HOPS - 1) + [Outcome.PARKED]
    ((_, refusal),) = harness.dead_letters
    assert refusal.attempts == 1
    assert "looks like a cycle" in refusal.reason


async def test_what_was_carried_twice_is_one_message_of_its_group(harness: Harness) -> None:
    """As everywhere: a second delivery has no second effect."""
    message = replace(said(2, "warehouse/packing.fifo", order_id="1", what="box"), partition_key="1")
    assert await harness.deliver(message) == [Outcome.EFFECTED]
    assert await harness.deliver(message) == [Outcome.DUPLICATE]
