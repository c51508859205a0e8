"""A handler of many at once: one transaction for what is new, and a culprit that is found alone."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from thestack import AnyEvent, ForeignEvent
from thestack.definition.load import load_all
from thestack.ports import Envelope
from thestack.testing import BEGIN, Harness, Outcome, user

LEDGER = """\
# services/ledger/service.py
from collections.abc import Sequence
from thestack import *
service = Service("ledger")

class Batch(Entity, key=Key("kind", "first"), allow=public):
    kind: str
    first: str
    events: list[str]

class Line(Entity, key=Key("kind", "id"), allow=public):
    kind: str
    id: str

class Booked(Event, name="ledger.booked", version=1):
    count: int

class Copy(Message, queue="copy", delay=timedelta(seconds=30)):
    text: str

@service.on(batch=100, window=timedelta(seconds=5), retry=Retry(attempts=2), cyclic=True)
async def record(events: Sequence[AnyEvent], /, *, batches: Store[Batch, Booked], lines: Store[Line]) -> None:
    names = [each.id for each in events]
    if any(each.name == "ledger.booked" for each in events):
        return
    if any(each.data.get("rejected") for each in events):
        raise Reject("not this one")
    if any(each.data.get("broken") for each in events):
        raise ValueError("broken")
    for each in events:
        for number in range(int(str(each.data.get("lines", 0)))):
            await lines.within("line").put(Line(kind="line", id=f"{each.id}-{number}"))
    told = [f"{each.tenant} {each.name} {each.id}" for each in events]
    batch = Batch(kind="batch", first=names[0], events=told)
    await batches.within("batch").put(batch, emit=Booked(count=len(events)))

@service.queue(batch=3)
async def copy(messages: Sequence[Copy], /, *, batches: Store[Batch]) -> None:
    texts = [each.text for each in messages]
    await batches.within("copy").put(Batch(kind="copy", first=texts[0], events=texts))

@service.mutation(allow=public)
async def send(texts: list[str], *, lines: Store[Line, Copy]) -> bool:
    await lines.within("line").put(Line(kind="line", id="sent"), emit=[Copy(text=each) for each in texts])
    return True

@service.query(allow=public)
async def batches(kind: str, *, batches: Store[Batch]) -> list[Batch]:
    return list((await batches.within(kind).page()).nodes)
"""


@pytest.fixture
def harness(project: Callable[[str], Path]) -> Harness:
    text = LEDGER.replace("from thestack", "from datetime import timedelta\nfrom thestack", 1)
    (loaded,) = load_all(project(text))
    assert loaded.model, loaded.diagnostics
    return Harness(loaded.model)


def said(id: str, tenant: str = "main", type: str = "never.seen", **data: Any) -> Envelope:
    return Envelope(id, type, 7, "elsewhere", f"Thing/{id}", BEGIN, tenant, data, correlation_id=f"c-{id}")


async def recorded(harness: Harness, kind: str = "batch", tenant: str = "main") -> list[list[str]]:
    query = "query ($k: String!) { batches(kind: $k) { events } }"
    answer = await harness["ledger"].ask(query, user("alice", tenant=tenant), k=kind)
    return [each["events"] for each in answer["data"]["batches"]]


async def test_many_events_are_one_transaction_in_their_order(harness: Harness) -> None:
    assert await harness.deliver(*(said(str(n)) for n in range(5))) == [Outcome.EFFECTED] * 5
    assert await recorded(harness) == [[f"main never.seen {n}" for n in range(5)]]
    (booked,) = await harness["ledger"].said("ledger.booked")
    assert (booked.data, booked.correlation_id, booked.hops) == ({"count": 5}, "c-0", 1)


async def test_what_was_handled_is_left_out_also_within_a_batch(harness: Harness) -> None:
    await harness.deliver(said("1"), said("2"))
    outcomes = await harness.deliver(said("2"), said("3"), said("4"), said("3"))
    assert outcomes == [Outcome.DUPLICATE, Outcome.DUPLICATE, Outcome.EFFECTED]
    assert [each.outcome for each in harness.attempts[2:]] == [
        Outcome.DUPLICATE,
        Outcome.EFFECTED,
        Outcome.EFFECTED,
        Outcome.DUPLICATE,
    ]
    assert await recorded(harness) == [
        ["main never.seen 1", "main never.seen 2"],
        ["main never.seen 3", "main never.seen 4"],
    ]


async def test_tenants_are_apart(harness: Harness) -> None:
    await harness.deliver(said("1"), said("2", "acme"), said("3"), said("4", "acme"))
    assert await recorded(harness) == [["main never.seen 1", "main never.seen 3"]]
    assert await recorded(harness, tenant="acme") == [["acme never.seen 2", "acme never.seen 4"]]


@pytest.mark.parametrize(("fault", "attempts"), [("rejected", 1), ("broken", 2)])
async def test_a_culprit_is_parked_alone_and_the_others_take_effect(
    harness: Harness, fault: str, attempts: int
) -> None:
    events = [said(str(n), **({fault: True} if n == 3 else {})) for n in range(8)]
    outcomes = await harness.deliver(*events)
    assert outcomes == [Outcome.PARKED if n == 3 else Outcome.EFFECTED for n in range(8)]
    assert [each for batch in await recorded(harness) for each in batch] == [
        f"main never.seen {n}" for n in range(8) if n != 3
    ]
    ((delivery, refusal),) = harness.dead_letters
    assert (Envelope.from_json(delivery.body).id, refusal.attempts) == ("3", attempts)


async def test_a_batch_that_is_too_large_for_one_transaction_is_halved(harness: Harness) -> None:
    assert await harness.deliver(*(said(str(n), lines=30) for n in range(4))) == [Outcome.EFFECTED] * 4
    assert [len(each) for each in await recorded(harness)] == [2, 2]


async def test_more_than_a_transaction_has_room_for_are_several(harness: Harness) -> None:
    assert await harness.deliver(*(said(f"{n:03}") for n in range(100))) == [Outcome.EFFECTED] * 100
    assert [len(each) for each in await recorded(harness)] == [50, 50]


async def test_what_is_no_event_of_a_service_is_not_any_event(harness: Harness) -> None:
    message = said("1", type="elsewhere/queue")
    by_aws = Envelope("2", "Object Created", 1, "aws.s3", "", BEGIN, "main", {})
    assert await harness.deliver(message, by_aws) == []


async def test_messages_of_a_queue_are_taken_as_many_as_its_batch_says(harness: Harness) -> None:
    await harness["ledger"].ask('mutation { send(texts: ["a", "b", "c", "d"]) }', user("alice"))
    await harness.settle()
    assert sorted(map(sorted, await recorded(harness, "copy"))) == [["a", "b", "c"], ["d"]]


async def test_an_event_is_read_as_a_class_that_declares_it() -> None:
    class Seen(ForeignEvent, name="thing.seen", version=7, source="elsewhere"):
        count: int
        by: str = "nobody"

    def any_event(name: str = "thing.seen", version: int = 7, **data: Any) -> AnyEvent:
        return AnyEvent("1", name, version, "elsewhere", "Thing/1", BEGIN, "main", data)

    assert any_event(count=3, new="field").read(Seen) == Seen(count=3)
    assert any_event(count="many").read(Seen) is None
    assert any_event(count=3, version=6).read(Seen) is None
    assert any_event("thing.heard", count=3).read(Seen) is None


async def test_what_is_due_later_than_asked_for_stays(harness: Harness) -> None:
    await harness["ledger"].ask('mutation { send(texts: ["later"]) }', user("alice"))
    assert await harness.settle(within=timedelta(seconds=29)) != []
    assert await recorded(harness, "copy") == []
    await harness.settle(within=timedelta(seconds=30))
    assert await recorded(harness, "copy") == [["later"]]


async def test_a_batch_that_was_lost_is_taken_once_when_it_comes_again(harness: Harness) -> None:
    events = [said(str(n)) for n in range(3)]
    await harness.deliver(*events)
    harness.clock.advance(timedelta(days=20))
    assert await harness.deliver(*reversed(events)) == [Outcome.DUPLICATE] * 3
