"""Rehearsals: what a run would do is told, and nothing of it is done."""

from dataclasses import replace
from typing import Any

import pytest

from thestack.adapters.memory.store import MemoryStore
from thestack.definition.model import Capability, ConsumerModel, ServiceModel
from thestack.ports import Put, Query, Row, RowKey, RowStore, Stale, Write
from thestack.runtime.consume import INBOX, Outcome
from thestack.runtime.once import OnceEffects
from thestack.runtime.rehearse import Rehearsal, RehearsalStore, Verdict, reading_only, rehearse

from .conftest import World, delivery, user

ALICE = user("alice")


class Untouched:
    """A store that must not be written to."""

    def __init__(self, store: RowStore) -> None:
        self.get, self.query = store.get, store.query

    async def commit(self, writes: list[Write]) -> None:
        raise AssertionError(f"a rehearsal wrote {writes}")

    async def discard(self, keys: list[RowKey]) -> None:
        raise AssertionError(f"a rehearsal deleted {keys}")


def consumer_of(model: ServiceModel, name: str) -> ConsumerModel:
    return next(each for each in model.consumers if each.name == name)


async def rehearsed(world: World, name: str, body: str, consumer: ConsumerModel | None = None) -> Rehearsal:
    ports = replace(world.ports, store=Untouched(world.store))
    rehearsal = await rehearse(
        world.model, consumer or consumer_of(world.model, name), ports, MemoryStore(), body
    )
    assert world.mailer.sent == []
    assert (world.deliveries.parked, world.deliveries.postponed) == ([], [])
    return rehearsal


async def test_rows_before_and_after_what_is_said_and_mails(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    done = await rehearsed(world, "welcome", message.to_json())
    assert (done.verdict, done.error, done.effects) == (Verdict.EFFECTED, None, ())
    (change,) = done.changes
    assert change.before
    assert change.after
    assert (change.entity, change.before["colour"], change.after["colour"]) == ("Account", "red", "blue")
    (entry,) = done.said
    assert (entry.destination, entry.envelope.type) == ("bus", "account.closed")
    assert entry.envelope.hops == message.hops + 1
    assert [mail.subject for mail in done.mails] == ["Welcome"]


async def test_the_run_after_it_does_what_it_told(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    for _ in range(2):
        assert (await rehearsed(world, "welcome", message.to_json())).verdict is Verdict.EFFECTED
    outcome, _ = await world.consumer("welcome").take(delivery(message))
    assert outcome is Outcome.EFFECTED
    assert len(world.mailer.sent) == 1
    world.mailer.sent.clear()
    again = await rehearsed(world, "welcome", message.to_json())
    assert (again.verdict, again.changes, again.said, again.mails) == (Verdict.DUPLICATE, (), (), ())


async def test_counters_before_and_after(world: World) -> None:
    for id in ("1", "2"):
        await world.open(id, ALICE)
    first, second = await world.said("account.opened")
    (change,) = (await rehearsed(world, "tally", first.to_json())).changes
    assert change.before is None
    assert change.after == {"kind": "accounts", "name": "all", "opened": 1}
    await world.consumer("tally").take(delivery(first))
    (change,) = (await rehearsed(world, "tally", second.to_json())).changes
    assert change.before
    assert change.after
    assert (change.before["opened"], change.after["opened"]) == (1, 2)


async def test_a_message_that_is_rejected(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    await world.ask("mutation { closeAccount(id: 1) { id } }", ALICE)
    done = await rehearsed(world, "welcome", message.to_json())
    assert (done.verdict, str(done.error), done.changes) == (Verdict.REJECTED, "the account is gone", ())
    assert (await rehearsed(world, "welcome", "no json")).verdict is Verdict.REJECTED


async def test_a_handler_that_fails(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")

    async def failing(*given: Any, **provided: Any) -> None:
        raise LookupError("no such thing")

    welcome = consumer_of(world.model, "welcome")
    broken = replace(welcome, handler=replace(welcome.handler, function=failing))
    done = await rehearsed(world, "welcome", message.to_json(), broken)
    assert done.verdict is Verdict.FAILED
    assert isinstance(done.error, LookupError)


async def test_an_effect_that_is_no_mail_is_not_run(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    ran: list[str] = []

    async def charging(given: Any, *, once: OnceEffects, **rest: Any) -> None:
        async def charge() -> str:
            ran.append("charged")
            return "charge-1"

        await once("charge", charge)
        await once("charge", charge)

    welcome = consumer_of(world.model, "welcome")
    without = tuple(each for each in welcome.handler.dependencies if each.capability is not Capability.MAILER)
    charges = replace(welcome, handler=replace(welcome.handler, function=charging, dependencies=without))
    done = await rehearsed(world, "welcome", message.to_json(), charges)
    assert (done.verdict, done.effects, ran) == (Verdict.EFFECTED, ("charge",), [])


async def test_an_effect_that_was_done_is_not_done_again(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")

    async def sent() -> str:
        return "mail-1"

    await OnceEffects(world.ports, message.tenant, f"welcome#{message.id}")("mail", sent)
    done = await rehearsed(world, "welcome", message.to_json())
    assert (done.verdict, done.mails) == (Verdict.EFFECTED, ())


@pytest.mark.parametrize(("name", "wrong"), [("tally", "does not hear"), ("welcome", None)])
async def test_reading_alone(world: World, name: str, wrong: str | None) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    done = await rehearsed(world, name, message.to_json(), reading_only(consumer_of(world.model, name)))
    assert (done.changes, done.said, done.mails) == ((), (), ())
    assert done.verdict is (Verdict.REJECTED if wrong else Verdict.EFFECTED)
    assert (wrong or "") in str(done.error)


async def test_the_store_sees_its_own_commits_and_the_source_none() -> None:
    source = MemoryStore()
    a, b, c = (RowKey("p", name) for name in "abc")
    await source.commit([Put(Row(a, "Thing", 1, {"n": 1}), None), Put(Row(b, "Thing", 1, {"n": 1}), None)])
    store = RehearsalStore(Untouched(source), MemoryStore())
    await store.commit([Put(Row(a, "Thing", 2, {"n": 2}), 1), Put(Row(c, "Thing", 1, {"n": 3}), None)])
    found = await store.get([c, b, a])
    assert [row and row.attributes["n"] for row in found] == [3, 1, 2]
    assert [row.attributes["n"] for row in await store.query(Query("p"))] == [1, 1]
    with pytest.raises(Stale):
        await store.commit([Put(Row(b, "Thing", 8, {}), 7)])
    assert [(change.key, change.before, change.after) for change, _ in await store.changes()] == [
        (a, {"n": 1}, {"n": 2}),
        (c, None, {"n": 3}),
    ]


async def test_the_frameworks_own_rows_are_no_changes(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    done = await rehearsed(world, "welcome", message.to_json())
    assert not {INBOX, "outbox", "once"} & {change.entity for change in done.changes}
