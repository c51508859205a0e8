"""A handler is one transaction: what it did and what it says are committed together, or not at all."""

import asyncio
from dataclasses import replace

import pytest

from thestack import Conflict, TooLarge
from thestack.definition.model import ServiceModel
from thestack.runtime.invoke import provide
from thestack.runtime.scope import MAXIMUM_HOPS
from thestack.runtime.unit_of_work import UnitOfWork

from .conftest import World, user

ALICE = user("alice")


def mine(world: World, unit: UnitOfWork, operation: str):
    handler = next(each.handler for each in world.model.operations if each.graphql == operation)
    dependency = next(each for each in handler.dependencies if each.name in ("mine", "rows"))
    return provide(world.model, world.ports, unit, dependency)


async def test_of_fifty_concurrent_stale_writes_one_succeeds(world: World) -> None:
    await world.open("1", ALICE)
    barrier = asyncio.Barrier(50)
    closed = world.model.events[0].type

    async def close() -> str:
        unit = UnitOfWork(world.model, world.ports, ALICE)
        rows = mine(world, unit, "overdraw")
        account = await rows.get("1")
        await barrier.wait()
        await rows.put(account, emit=closed(account_id="1"))
        try:
            await unit.commit()
        except Conflict:
            return "CONFLICT"
        return "done"

    outcomes = await asyncio.gather(*(close() for _ in range(50)))
    assert sorted(outcomes) == ["CONFLICT"] * 49 + ["done"]
    assert len(await world.said("account.closed")) == 1


async def test_a_handler_sees_its_own_writes_and_others_do_not_before_the_commit(world: World) -> None:
    await world.open("1", ALICE, "salary")
    unit, other = (UnitOfWork(world.model, world.ports, ALICE) for _ in range(2))
    rows = mine(world, unit, "editAccount")
    account = await rows.get("1")
    account.name = "holiday"
    await rows.put(account)
    assert (await rows.get("1")).name == "holiday"
    assert (await mine(world, other, "editAccount").get("1")).name == "salary"
    await unit.commit()
    assert (await mine(world, other, "editAccount").get("1")).name == "holiday"


async def test_events_leave_with_sequence_tenant_trace_and_hops(world: World) -> None:
    await world.open("1", ALICE)
    (opened,) = await world.said("account.opened")
    assert (opened.source, opened.version, opened.tenant, opened.hops) == ("bookkeeping", 1, "main", 1)
    assert (opened.data, opened.correlation_id) == ({"account_id": "1", "owner_id": "alice"}, "test")
    (welcome,) = await world.said("bookkeeping/welcome")
    assert opened.subject == welcome.subject
    assert sorted([opened.sequence, welcome.sequence]) == [(1, 1), (1, 2)]


async def test_sequences_go_on_over_delete_and_recreation(world: World) -> None:
    for _ in range(2):
        assert "errors" not in await world.open("1", ALICE)
        assert "errors" not in await world.ask("mutation { closeAccount(id: 1) { id } }", ALICE)
    sequences = [entry.envelope.sequence for entry in await world.outbox()]
    assert sorted(sequences) == [(1, number) for number in range(1, 7)]


async def test_a_row_that_exists_is_not_created_again(world: World) -> None:
    await world.open("1", ALICE)
    answer = await world.open("1", ALICE)
    assert answer["errors"][0]["extensions"]["code"] == "CONFLICT"
    assert len(await world.said("account.opened")) == 1


async def test_a_handler_emits_only_what_it_declares(world: World) -> None:
    await world.open("1", ALICE)
    unit = UnitOfWork(world.model, world.ports, ALICE)
    rows = mine(world, unit, "editAccount")
    account = await rows.get("1")
    with pytest.raises(TypeError, match=r"Owned\[Account, Closed\]"):
        await rows.put(account, emit=world.model.events[0].type(account_id="1"))


async def test_one_transaction_has_a_bound(world: World, model: ServiceModel) -> None:
    unit = UnitOfWork(model, world.ports, ALICE)
    rows = mine(world, unit, "openAccount")
    account = model.entity("Account").type
    for number in range(101):
        await rows.put(account(id=f"{number}", owner_id="alice", name="x"))
    with pytest.raises(TooLarge, match="101 rows"):
        await unit.commit()
    assert "errors" in await world.ask("query { account(id: 1) { id } }", ALICE)


async def test_a_row_deleted_is_not_in_a_page_by_the_tables_own_key(world: World) -> None:
    for id in "12":
        await world.open(id, ALICE)
    await world.ask("mutation { closeAccount(id: 1) { id } }", ALICE)
    rows = mine(world, UnitOfWork(world.model, world.ports, ALICE), "editAccount")
    assert [account.id for account in (await rows.page()).nodes] == ["2"]


async def test_a_chain_of_events_has_an_end(world: World, model: ServiceModel) -> None:
    await world.open("1", ALICE)
    deep = replace(ALICE, hops=MAXIMUM_HOPS)
    answer = await world.ask("mutation { closeAccount(id: 1) { id } }", deep)
    assert "cycle" in answer["errors"][0]["message"]
    assert await world.said("account.closed") == []


async def test_a_query_that_writes_is_refused(world: World) -> None:
    await world.open("1", ALICE)
    await world.ask("{ writingQuery(id: 1) { id } }", ALICE)
    assert "make it a mutation" in str(world.reported[0])
    answer = await world.ask("{ account(id: 1) { colour } }", ALICE)
    assert answer["data"]["account"] == {"colour": "red"}


async def test_an_event_that_would_not_travel_is_refused_before_anything_is_written(world: World) -> None:
    unit = UnitOfWork(world.model, world.ports, ALICE)
    rows = mine(world, unit, "openAccount")
    account, opened = world.model.entity("Account").type, world.model.events[1].type
    with pytest.raises(TooLarge, match=r"account\.opened has \d+ bytes"):
        await rows.put(
            account(id="1", owner_id="alice", name="x"),
            emit=opened(account_id="1" * 300_000, owner_id="alice"),
        )
    assert await world.outbox() == []
