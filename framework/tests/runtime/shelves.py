"""What rows do, on whatever store: inherited by the tests on memory, and by those on the emulated AWS."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from thestack import Conflict, NotFound, Page, Taken
from thestack.adapters.memory.clock import FixedClock
from thestack.definition.load import load
from thestack.definition.model import Capability, DependencyModel, ServiceModel
from thestack.ports import RowStore
from thestack.runtime.collected import CollectedRows
from thestack.runtime.ports import Ports
from thestack.runtime.rows import PartitionRows, ReadableRows, TenantRows
from thestack.runtime.scope import Identified, Scope
from thestack.runtime.unit_of_work import UnitOfWork
from thestack.testing.conformance.rows import eventually

HERE = Path(__file__).parent
SOON = timedelta(minutes=5)


def library() -> ServiceModel:
    """The model of the definition beside this file."""
    loaded = load(HERE / "library.py", HERE)
    assert loaded.model, loaded.diagnostics
    return loaded.model


class Transaction:
    """The rows of each entity, as one handler gets them."""

    def __init__(self, shelves: "Shelves") -> None:
        self.unit = UnitOfWork(shelves.model, shelves.ports, shelves.scope)

    def of(self, entity: str, *partition: Any) -> PartitionRows:
        dependency = DependencyModel("rows", Capability.STORE, entity, emits=("member.left",))
        return TenantRows(self.unit, self.unit.service.entity(entity), dependency).within(*partition)

    def read(self, entity: str) -> ReadableRows:
        return ReadableRows(self.unit, self.unit.service.entity(entity))

    def collect(self, *entities: str) -> CollectedRows:
        return CollectedRows(self.unit, [self.unit.service.entity(name) for name in entities])


class Shelves:
    """A tenant of the test's own in a store."""

    def __init__(self, model: ServiceModel, store: RowStore) -> None:
        self.model, self.clock = model, FixedClock(datetime.now(UTC).replace(microsecond=0))
        self.ports = Ports(store, self.clock)
        tenant = f"t-{uuid4().hex}"
        self.scope = Scope(tenant, Identified("alice", tenant))  # type: ignore[arg-type]
        self.types: Any = ModuleType("types")
        for entity in model.entities:
            setattr(self.types, entity.name, entity.type)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One handler, committed at its end."""
        opened = Transaction(self)
        yield opened
        await opened.unit.commit()

    async def put(self, entity: Any) -> None:
        """Store one entity, in a transaction of its own."""
        async with self.transaction() as now:
            await now.of(type(entity).__name__).put(entity)

    def member(self, id: str, email: str, **more: Any) -> Any:
        return self.types.Member(id=id, email=email, **more)

    def session(self, id: str, token: str, ends: datetime | None = None) -> Any:
        return self.types.Session(id=id, user_id="alice", token=token, ends_at=ends)

    def note(self, id: str, slug: str, title: str = "") -> Any:
        return self.types.Note(id=id, owner_id="alice", slug=slug, title=title)


@pytest.mark.asyncio
class UniqueValues:
    """Give the fixture `shelves`."""

    async def test_no_two_rows_have_the_same_value(self, shelves: Shelves) -> None:
        await shelves.put(shelves.member("1", "a@x"))
        with pytest.raises(Taken) as taken:
            await shelves.put(shelves.member("2", "a@x"))
        assert (taken.value.code, taken.value.field) == ("TAKEN", ("email",))
        assert str(taken.value) == "Another Member has this email."
        async with shelves.transaction() as now:
            assert await now.of("Member").find("2") is None
        await shelves.put(shelves.member("2", "A@x"))

    async def test_several_values_are_unique_together_and_free_with_a_null(self, shelves: Shelves) -> None:
        await shelves.put(shelves.member("1", "1@x", team="red", nick="ann"))
        await shelves.put(shelves.member("2", "2@x", team="blue", nick="ann"))
        for number in "34":
            await shelves.put(shelves.member(number, f"{number}@x", team="red"))
        with pytest.raises(Taken) as taken:
            await shelves.put(shelves.member("5", "5@x", team="red", nick="ann"))
        assert taken.value.field == ("nick",)

    async def test_a_field_of_what_it_refers_to_may_be_unique(self, shelves: Shelves) -> None:
        await shelves.put(shelves.member("1", "1@x", portrait={"id": "p"}))
        await shelves.put(shelves.member("2", "2@x"))
        with pytest.raises(Taken) as taken:
            await shelves.put(shelves.member("3", "3@x", portrait={"id": "p"}))
        assert taken.value.field == ("portrait",)

    async def test_of_twenty_at_once_one_wins(self, shelves: Shelves) -> None:
        async def join(number: int) -> str:
            try:
                await shelves.put(shelves.member(str(number), "a@x"))
            except Taken:
                return "TAKEN"
            except Conflict:
                return "CONFLICT"
            return "joined"

        came = await asyncio.gather(*(join(number) for number in range(20)))
        assert sorted(came) == ["TAKEN"] * 19 + ["joined"]

    async def test_a_changed_or_deleted_row_sets_its_value_free(self, shelves: Shelves) -> None:
        await shelves.put(shelves.member("1", "a@x"))
        async with shelves.transaction() as now:
            member = await now.of("Member").get("1")
            member.email = "b@x"
            await now.of("Member").put(member)
        await shelves.put(shelves.member("2", "a@x"))
        with pytest.raises(Taken):
            await shelves.put(shelves.member("3", "b@x"))
        async with shelves.transaction() as now:
            await now.of("Member").delete(await now.of("Member").get("1"))
        await shelves.put(shelves.member("3", "b@x"))
        await shelves.put(shelves.member("1", "c@x"))

    async def test_a_row_keeps_its_values_when_something_else_changes(self, shelves: Shelves) -> None:
        await shelves.put(shelves.member("1", "a@x"))
        for team in ("red", "blue"):
            async with shelves.transaction() as now:
                member = await now.of("Member").get("1")
                member.team = team
                await now.of("Member").put(member)
        with pytest.raises(Taken):
            await shelves.put(shelves.member("2", "a@x"))

    async def test_two_rows_change_their_values_round_in_one_transaction(self, shelves: Shelves) -> None:
        await shelves.put(shelves.member("1", "a@x"))
        await shelves.put(shelves.member("2", "b@x"))
        async with shelves.transaction() as now:
            rows = now.of("Member")
            one, two = await rows.find_all(["1", "2"])
            one.email, two.email = "b@x", "a@x"
            await rows.put(one)
            await rows.put(two)
        for email in ("a@x", "b@x"):
            with pytest.raises(Taken):
                await shelves.put(shelves.member("3", email))
        async with shelves.transaction() as now:
            await now.of("Member").delete(await now.of("Member").get("1"))
        await shelves.put(shelves.member("3", "b@x"))

    async def test_two_rows_of_one_transaction_are_told_before_it_is_written(self, shelves: Shelves) -> None:
        transaction = Transaction(shelves)
        for id in "12":
            await transaction.of("Member").put(shelves.member(id, "a@x"))
        with pytest.raises(Taken):
            await transaction.unit.commit()
        await shelves.put(shelves.member("1", "a@x"))

    async def test_a_row_that_changed_meanwhile_is_a_conflict_not_a_taken_value(
        self, shelves: Shelves
    ) -> None:
        await shelves.put(shelves.member("1", "a@x"))
        one, other = Transaction(shelves), Transaction(shelves)
        for transaction in (one, other):
            member = await transaction.of("Member").get("1")
            member.email = "b@x"
            await transaction.of("Member").put(member)
        await one.unit.commit()
        with pytest.raises(Conflict):
            await other.unit.commit()
        with pytest.raises(Conflict):
            await shelves.put(shelves.member("1", "b@x"))

    async def test_tenants_do_not_share_values(self, shelves: Shelves) -> None:
        await shelves.put(shelves.member("1", "a@x"))
        await Shelves(shelves.model, shelves.ports.store).put(shelves.member("2", "a@x"))


@pytest.mark.asyncio
class Expiry:
    """Give the fixture `shelves`."""

    async def test_an_expired_row_is_not_read_though_it_is_stored(self, shelves: Shelves) -> None:
        ends = shelves.clock.now() + SOON
        await shelves.put(shelves.session("1", "x", ends))
        await shelves.put(shelves.session("2", "y"))
        by_token = shelves.types.Session.by_token
        async with shelves.transaction() as now:
            assert (await now.of("Session", "alice").get("1")).ends_at == ends
        shelves.clock.advance(SOON)
        async with shelves.transaction() as now:
            rows = now.of("Session", "alice")
            assert await rows.find("1") is None
            with pytest.raises(NotFound):
                await rows.get("1")
            assert [each and each.id for each in await rows.find_all(["1", "2"])] == [None, "2"]
            assert [each.id for each in (await rows.page()).nodes] == ["2"]
            assert [each and each.id for each in await now.read("Session").load([["1"], ["2"]])] == [
                None,
                "2",
            ]

            async def ids() -> list[str]:
                return [each.id async for each in rows.each(by_token)]

            await eventually(ids, ["2"])

    async def test_a_new_row_takes_the_place_and_the_values_of_an_expired_one(self, shelves: Shelves) -> None:
        await shelves.put(shelves.session("1", "x", shelves.clock.now() + SOON))
        with pytest.raises(Conflict):
            await shelves.put(shelves.session("1", "y"))
        with pytest.raises(Taken):
            await shelves.put(shelves.session("2", "x"))
        shelves.clock.advance(SOON)
        await shelves.put(shelves.session("2", "x"))
        await shelves.put(shelves.session("1", "y"))
        async with shelves.transaction() as now:
            session = await now.of("Session", "alice").get("1")
            assert (session.token, session.ends_at, session._version) == ("y", None, 2)
        with pytest.raises(Taken):
            await shelves.put(shelves.session("3", "x"))

    async def test_a_row_that_lives_longer_keeps_its_values_as_long(self, shelves: Shelves) -> None:
        await shelves.put(shelves.session("1", "x", shelves.clock.now() + SOON))
        async with shelves.transaction() as now:
            session = await now.of("Session", "alice").get("1")
            session.ends_at = shelves.clock.now() + 3 * SOON
            await now.of("Session", "alice").put(session)
        shelves.clock.advance(2 * SOON)
        with pytest.raises(Taken):
            await shelves.put(shelves.session("2", "x"))

    async def test_counters_begin_anew_after_it(self, shelves: Shelves) -> None:
        day = date(2026, 1, 2)

        async def count(calls: int, lasts: timedelta) -> None:
            async with shelves.transaction() as now:
                kept = shelves.clock.now() + lasts
                delta = shelves.types.Usage(metric="loans/day", day=day, calls=calls, kept_until=kept)
                await now.of("Usage").add(delta)

        begin = shelves.clock.now()
        await count(2, SOON)
        shelves.clock.advance(timedelta(minutes=1))
        await count(3, 2 * SOON)
        metric = shelves.model.entity("Usage").field("metric").type.python.LOANS
        async with shelves.transaction() as now:
            usage = await now.of("Usage", metric).get(day)
            assert (usage.calls, usage.kept_until, usage.first_at) == (5, begin + SOON, begin)
            assert usage.last_at == begin + timedelta(minutes=1)
        shelves.clock.advance(SOON)
        await asyncio.gather(*(count(1, SOON) for _ in range(5)))
        async with shelves.transaction() as now:
            usage = await now.of("Usage", metric).get(day)
            assert (usage.calls, usage.first_at) == (5, shelves.clock.now())


@pytest.mark.asyncio
class Stamps:
    """Give the fixture `shelves`."""

    async def test_a_row_says_when_it_came_into_being_and_last_changed(self, shelves: Shelves) -> None:
        begin = shelves.clock.now()
        async with shelves.transaction() as now:
            note = await now.of("Note", "alice").put(shelves.note("1", "x"))
            assert (note.created_at, note.updated_at) == (begin, begin)
        shelves.clock.advance(SOON)
        async with shelves.transaction() as now:
            note = await now.of("Note", "alice").put(await now.of("Note", "alice").get("1"))
        async with shelves.transaction() as now:
            note = await now.of("Note", "alice").get("1")
            assert (note.created_at, note.updated_at) == (begin, begin + SOON)

    async def test_an_index_orders_by_them(self, shelves: Shelves) -> None:
        for id in "123":
            await shelves.put(shelves.note(id, id))
            shelves.clock.advance(SOON)
        async with shelves.transaction() as now:
            rows = now.of("Note", "alice")
            await rows.put(await rows.get("2"))
        by_change = shelves.types.Note.by_change

        async def latest() -> list[str]:
            async with shelves.transaction() as now:
                page = await now.of("Note", "alice").page(by_change.descending(), Page(2))
            return [each.id for each in page.nodes]

        await eventually(latest, ["2", "3"])


@pytest.mark.asyncio
class Restoring:
    """Give the fixture `shelves`."""

    async def test_a_deleted_row_is_kept_and_read_by_nobody(self, shelves: Shelves) -> None:
        await shelves.put(shelves.note("1", "x", "first"))
        await self.delete(shelves, "1")
        note = shelves.types.Note
        async with shelves.transaction() as now:
            rows = now.of("Note", "alice")
            assert await rows.find("1") is None
            assert await rows.find_all(["1"]) == [None]
            assert await now.read("Note").load([["1"]]) == [None]
            for by in (None, note.by_title, note.by_change):
                assert (await rows.page(by)).nodes == []

    async def test_it_comes_back_as_it_was(self, shelves: Shelves) -> None:
        await shelves.put(shelves.note("1", "x", "first"))
        begin = shelves.clock.now()
        await self.delete(shelves, "1")
        shelves.clock.advance(SOON)
        async with shelves.transaction() as now:
            note = await now.of("Note", "alice").restore("1")
            assert (note.title, note.created_at, note.updated_at) == ("first", begin, begin + SOON)
        async with shelves.transaction() as now:
            rows = now.of("Note", "alice")
            assert [each.id for each in (await rows.page(shelves.types.Note.by_title)).nodes] == ["1"]
            assert (await rows.get("1"))._version == 3
        with pytest.raises(Taken):
            await shelves.put(shelves.note("2", "x"))

    async def test_its_values_may_be_taken_meanwhile(self, shelves: Shelves) -> None:
        await shelves.put(shelves.note("1", "x"))
        await self.delete(shelves, "1")
        await shelves.put(shelves.note("2", "x"))
        transaction = Transaction(shelves)
        await transaction.of("Note", "alice").restore("1")
        with pytest.raises(Taken):
            await transaction.unit.commit()

    async def test_what_was_not_deleted_is_not_found(self, shelves: Shelves) -> None:
        await shelves.put(shelves.note("1", "x"))
        async with shelves.transaction() as now:
            for id in "12":
                with pytest.raises(NotFound):
                    await now.of("Note", "alice").restore(id)

    async def test_a_handler_may_undo_its_own_deletion(self, shelves: Shelves) -> None:
        await shelves.put(shelves.note("1", "x"))
        async with shelves.transaction() as now:
            rows = now.of("Note", "alice")
            await rows.delete(await rows.get("1"))
            await rows.restore("1")
        async with shelves.transaction() as now:
            assert (await now.of("Note", "alice").get("1")).slug == "x"
        with pytest.raises(Taken):
            await shelves.put(shelves.note("2", "x"))

    async def test_a_new_row_may_take_its_place(self, shelves: Shelves) -> None:
        await shelves.put(shelves.note("1", "x", "old"))
        await self.delete(shelves, "1")
        await shelves.put(shelves.note("1", "x", "new"))
        async with shelves.transaction() as now:
            assert (await now.of("Note", "alice").get("1")).title == "new"
            with pytest.raises(NotFound):
                await now.of("Note", "alice").restore("1")

    async def delete(self, shelves: Shelves, id: str) -> None:
        """Delete a note, in a transaction of its own."""
        async with shelves.transaction() as now:
            rows = now.of("Note", "alice")
            await rows.delete(await rows.get(id))


@pytest.mark.asyncio
class Keys:
    """Give the fixture `shelves`."""

    async def test_a_key_of_every_type_finds_its_row(self, shelves: Shelves) -> None:
        metric = shelves.model.entity("Slot").field("metric").type.python
        moment = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone(timedelta(hours=2)))
        keys = [
            ("s#1", -7, date(2026, 1, 2), moment, metric.LOANS, "é\x1f%#"),
            ("s#1", 10**12, date.min, moment.astimezone(UTC), metric.RETURNS, " "),
        ]
        names = shelves.model.entity("Slot").key
        for key in keys:
            await shelves.put(shelves.types.Slot(**dict(zip(names, key, strict=True))))
        async with shelves.transaction() as now:
            for key in keys:
                found = await now.of("Slot", *key[:-1]).get(key[-1])
                assert tuple(getattr(found, name) for name in names) == key
                assert await now.of("Slot").get(*key) == found
                assert await now.read("Slot").load([key]) == [found]

    async def test_keys_of_several_fields_are_found_together(self, shelves: Shelves) -> None:
        for number in (1, 2):
            await shelves.put(shelves.types.Line(order_id="o", number=number))
        async with shelves.transaction() as now:
            rows = now.of("Line", "o")
            await rows.put(shelves.types.Line(order_id="o", number=3))
            found = await rows.find_all([3, 9, 1, 2])
            assert [each and each.number for each in found] == [3, None, 1, 2]
            found = await now.of("Line").find_all([("o", 2), ("p", 2)])
            assert [each and each.number for each in found] == [2, None]

    async def test_a_row_alone_in_its_partition_is_named_by_either(self, shelves: Shelves) -> None:
        await shelves.put(shelves.member("1", "a@x"))
        async with shelves.transaction() as now:
            found = await now.of("Member").get("1")
            assert await now.of("Member", "1").get("1") == found
            assert await now.of("Member", "1").get() == found
            with pytest.raises(TypeError, match=r"by \(\), not by 1 value$"):
                await now.of("Member", "1").get("2")

    async def test_too_many_values_or_too_few_are_told(self, shelves: Shelves) -> None:
        async with shelves.transaction() as now:
            line, lines = now.of("Line", "o"), now.of("Line")
            with pytest.raises(TypeError, match=r"a row of Line is named here by \(number\), not by 2"):
                await line.get(1, 2)
            with pytest.raises(TypeError, match=r"by \(number\), not by 0 values"):
                await line.find()
            with pytest.raises(TypeError, match=r"by \(order_id, number\), not by 1 value$"):
                await lines.find_all([1])
            with pytest.raises(TypeError, match=r"by \(\), not by 1 value$"):
                await now.of("Line", "o", 1).find(2)
            with pytest.raises(TypeError, match=r"by \(order_id, number\), not by 1 value$"):
                await now.read("Line").get("o")


@pytest.mark.asyncio
class Neighbours:
    """Give the fixture `shelves`."""

    async def test_rows_of_several_entities_are_read_together(self, shelves: Shelves) -> None:
        types = shelves.types
        await shelves.put(types.Invoice(order_id="o", total=7))
        for number in (10, 9):
            await shelves.put(types.Line(order_id="o", number=number))
        await shelves.put(types.Order(id="o", note="gift"))
        await shelves.put(types.Order(id="p"))
        async with shelves.transaction() as now:
            found = await now.collect("Order", "Line", "Invoice").within("o")
            kinds = [type(each).__name__ for each in found]
            assert kinds == ["Order", "Invoice", "Line", "Line"]
            assert [each.number for each in found[2:]] == [9, 10]
            assert [type(each).__name__ for each in await now.collect("Line").within("o")] == ["Line"] * 2
            assert [each.id for each in await now.collect("Order", "Line").within("p")] == ["p"]
            assert await now.collect("Order", "Line").within("q") == []
            with pytest.raises(TypeError, match=r"a partition of Order is named here by \(id\), not"):
                await now.collect("Order", "Line").within("o", 1)

    async def test_each_is_found_by_its_own_key_and_listed_by_itself(self, shelves: Shelves) -> None:
        types = shelves.types
        await shelves.put(types.Order(id="o"))
        await shelves.put(types.Invoice(order_id="o"))
        for number, sku in ((1, "c"), (2, "b"), (3, "a")):
            await shelves.put(types.Line(order_id="o", number=number, sku=sku))
        async with shelves.transaction() as now:
            assert (await now.of("Order").get("o")).id == "o"
            assert (await now.of("Invoice").get("o")).order_id == "o"
            rows = now.of("Line", "o")
            assert [each.number for each in (await rows.page()).nodes] == [1, 2, 3]
            by_number, by_sku = types.Line.by_number, types.Line.by_sku
            assert [each.number async for each in rows.each(by_number.at_least(2))] == [2, 3]
            assert [each.number async for each in rows.each(by_number.at_most(2).descending())] == [2, 1]
            assert [each.number async for each in rows.each(by_sku)] == [3, 2, 1]
            first = await rows.page(by_sku, Page(2))
            rest = await rows.page(by_sku, Page(2, first.end_cursor))
            assert [each.sku for each in (*first.nodes, *rest.nodes)] == ["a", "b", "c"]

    async def test_the_host_is_listed_without_its_guests(self, shelves: Shelves) -> None:
        types = shelves.types
        for number in range(5):
            await shelves.put(types.Label(id=f"{number}", owner_id="alice"))
            await shelves.put(types.Box(id=f"Label{number}", owner_id="alice"))
        async with shelves.transaction() as now:
            boxes, labels = now.of("Box", "alice"), now.of("Label", "alice")
            page = await boxes.page(page=Page(3))
            assert [each.id for each in page.nodes] == ["Label0", "Label1", "Label2"]
            rest = await boxes.page(page=Page(3, page.end_cursor))
            assert ([each.id for each in rest.nodes], rest.has_next_page) == (["Label3", "Label4"], False)
            assert [each.id for each in (await labels.page()).nodes] == list("01234")
            stray = await boxes.page(page=Page(3, (await labels.page(page=Page(1))).end_cursor))
            assert {type(each).__name__ for each in stray.nodes} == {"Box"}


class LocalIndexes:
    """Give the fixture `shelves`."""

    @pytest.mark.asyncio
    async def test_it_answers_what_was_written_just_now(self, shelves: Shelves) -> None:
        for id, title in (("1", "b"), ("2", "a"), ("3", "c")):
            await shelves.put(shelves.note(id, id, title))
            async with shelves.transaction() as now:
                rows = now.of("Note", "alice")
                page = await rows.page(shelves.types.Note.by_title.equal(title))
                assert [each.id for each in page.nodes] == [id]
        async with shelves.transaction() as now:
            found = [each.id async for each in now.of("Note", "alice").each(shelves.types.Note.by_title)]
        assert found == ["2", "1", "3"]


class RowsBehaviour(UniqueValues, Expiry, Stamps, Restoring, Keys, Neighbours, LocalIndexes):
    """All of it. Give the fixture `shelves`."""
