"""Pages of a filtered list among very many rows: nothing is lost, doubled, or read for ever."""

import sys
from dataclasses import dataclass, field

from thestack import Connection, Entity, Filter, Id, Index, OneOf, Owned, Page, Service, signed_in
from thestack.adapters.memory.store import MemoryStore
from thestack.definition.model import Capability, DependencyModel
from thestack.definition.module import model_of
from thestack.ports import Query, Row
from thestack.runtime.listing import CHUNK, READ_BUDGET
from thestack.runtime.ports import Ports
from thestack.runtime.rows import PartitionRows
from thestack.runtime.unit_of_work import UnitOfWork
from thestack.testing import fixed_clock, user

service = Service("haystack")
HAY, MOST = 10_000, 10


class Straw(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id
    place: int
    kind: str = "hay"
    by_place = Index("owner_id", "place", sort=int)


class Straws(Filter[Straw]):
    kind: OneOf[str] | None = None


@service.query(allow=signed_in)
async def straws(page: Page, *, mine: Owned[Straw]) -> Connection[Straw]:
    return await mine.page(Straw.by_place, page)


@dataclass
class CountingStore(MemoryStore):
    """Counts the rows that are read."""

    read: int = 0
    written: int = field(default=0)

    def __post_init__(self) -> None:
        super().__init__()

    async def query(self, query: Query) -> list[Row]:
        rows = await super().query(query)
        self.read += len(rows)
        return rows


NEEDLES = Straws(kind=OneOf[str](eq="needle"))


def rows_of(store: MemoryStore) -> PartitionRows:
    """Alice's rows, in a transaction of their own."""
    model = model_of(sys.modules[__name__])
    unit = UnitOfWork(model, Ports(store, fixed_clock()), user("alice"))
    return PartitionRows(
        unit, model.entity("Straw"), DependencyModel("mine", Capability.OWNED, "Straw"), ("alice",)
    )


async def put(store: MemoryStore, *straws: Straw) -> None:
    for first in range(0, len(straws), 100):
        rows = rows_of(store)
        for straw in straws[first : first + 100]:
            await rows.put(straw)
        await rows._unit.commit()


def straw(place: int, kind: str = "hay") -> Straw:
    return Straw(id=Id(f"{kind}-{place:06}"), owner_id=Id("alice"), place=place, kind=kind)


async def test_a_needle_in_ten_thousand_straws_is_found_once_however_the_stack_changes() -> None:
    store = CountingStore()
    await put(store, *(straw(place) for place in range(HAY)))
    needles = [straw(place, "needle") for place in range(5, HAY, 631)]
    await put(store, *needles)
    found: list[Id] = []
    page, pages = Page(MOST), 0
    while True:
        before = store.read
        answer = await rows_of(store).page(Straw.by_place, page, where=NEEDLES)
        pages += 1
        assert store.read - before <= READ_BUDGET + 2 * CHUNK
        assert pages <= HAY // READ_BUDGET + len(needles) + 2
        found += [row.id for row in answer.nodes]
        if not answer.has_next_page:
            break
        assert answer.end_cursor is not None
        page = Page(MOST, answer.end_cursor)
        # Rows come and go between the pages, before the cursor and behind it.
        await put(store, straw(-pages, "needle"), straw(HAY + pages))
        gone = await rows_of(store).get(f"hay-{pages:06}")
        rows = rows_of(store)
        await rows.delete(gone)
        await rows._unit.commit()
    assert found == [needle.id for needle in needles]


async def test_a_short_page_says_that_there_is_more_and_where() -> None:
    store = CountingStore()
    await put(
        store, *(straw(place) for place in range(READ_BUDGET + 200)), straw(READ_BUDGET + 100, "needle")
    )
    answer = await rows_of(store).page(Straw.by_place, Page(MOST), where=NEEDLES)
    assert (answer.nodes, answer.has_next_page) == ([], True)
    assert store.read <= READ_BUDGET + 2 * CHUNK
    answer = await rows_of(store).page(Straw.by_place, Page(MOST, answer.end_cursor), where=NEEDLES)
    assert [row.kind for row in answer.nodes] == ["needle"]
    assert not answer.has_next_page


async def test_a_page_without_a_filter_reads_one_row_more_than_it_shows() -> None:
    store = CountingStore()
    await put(store, *(straw(place) for place in range(50)))
    answer = await rows_of(store).page(Straw.by_place, Page(MOST))
    assert (len(answer.nodes), store.read) == (MOST, MOST + 1)
