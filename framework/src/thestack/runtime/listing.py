"""Lists of an entity's rows: pages with cursors, and all of a range."""

import base64
import binascii
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from thestack.definition.conditions import Filter
from thestack.definition.indexes import Access
from thestack.definition.model import EntityModel
from thestack.definition.pages import Connection, Edge, Page
from thestack.definition.problems import BadInput
from thestack.definition.scalars import Cursor
from thestack.ports import Query, Row
from thestack.runtime import keys
from thestack.runtime.entities import living
from thestack.runtime.selection import Selection, select
from thestack.runtime.unit_of_work import UnitOfWork

READ_BUDGET = 1000
"""How many rows one page may read to find those that its filter admits."""
CHUNK = 100


def cursor_of(sort_key: str) -> Cursor:
    """A cursor holds the sort key only; whose rows it points into is always the caller's own matter."""
    return Cursor(base64.urlsafe_b64encode(sort_key.encode()).decode().rstrip("="))


def sort_key_of(cursor: Cursor) -> str:
    """The sort key in a cursor. Raises `BadInput` for anything that is no cursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = base64.b64decode(padded, altchars=b"-_", validate=True)
        if 0 < len(place) <= keys.LONGEST:
            return place.decode()
    except (binascii.Error, ValueError):  # what is no text is a ValueError too
        pass
    raise BadInput("This is no cursor of this list.", field=("after",))


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one partition of an entity, as lists."""

    unit: UnitOfWork
    entity: EntityModel
    partition: Sequence[Any]

    async def page(
        self, by: Access[Any, Any] | None, page: Page | None, where: Filter[Any] | None
    ) -> Connection[Any]:
        """As `Rows.page`."""
        page = page or Page()
        selection = select(self.entity, self.partition, by, where)
        resume = sort_key_of(page.after) if page.after else None
        if selection.is_empty:
            return _connection([], page)
        limit = page.first + 1 if selection.where is None else CHUNK
        edges: list[Edge[Any]] = []
        read = 0
        while True:
            rows = await self._read(selection, resume, limit)
            for row in rows:
                place = _place(row, selection)
                entity = self._there(row)
                if entity is not None and (selection.where is None or selection.where.admits(entity)):
                    if len(edges) == page.first:
                        return _connection(edges, page, more_after=edges[-1].cursor if edges else page.after)
                    edges.append(Edge(cursor_of(place), entity))
                read, resume = read + 1, place
            if len(rows) < limit:
                return _connection(edges, page)
            if read >= READ_BUDGET and resume is not None:
                return _connection(edges, page, more_after=cursor_of(resume))

    async def each(self, by: Access[Any, Any]) -> AsyncIterator[Any]:
        """As `Rows.each`."""
        selection, resume = select(self.entity, self.partition, by), None
        while not selection.is_empty:
            rows = await self._read(selection, resume, CHUNK)
            for row in rows:
                entity = self._there(row)
                if entity is not None:
                    yield entity
            if len(rows) < CHUNK:
                return
            resume = _place(rows[-1], selection)

    def _there(self, row: Row) -> Any:
        """The entity in a row that is there to be read."""
        return living(self.entity, self.unit.scope.tenant, row, self.unit.ports.clock.now())

    async def _read(self, selection: Selection, resume: str | None, limit: int) -> list[Row]:
        """The next rows after a sort key, tombstones included."""
        index, entity = selection.index, self.entity
        local = index is not None and index.local
        name = index.name if index and not local else entity.beside or entity.name
        pk = keys.partition_key(self.unit.scope.tenant, name, *selection.partition)
        low, high, forward = selection.low, selection.high, selection.forward
        if index is None:
            low, high = keys.span(entity, self.unit.has_guests(entity), low, high)
        more = 0
        if resume is not None:
            # The row at the cursor is read again, because bounds are included, and left out.
            low, high = (max(resume, low or resume), high) if forward else (low, min(resume, high or resume))
            more = 1
            if low is not None and high is not None and low > high:
                return []
        query = Query(pk, index.name if index else None, low, high, forward, limit + more, local)
        rows = await self.unit.ports.store.query(query)
        return [row for row in rows if _place(row, selection) != resume][:limit]


def _place(row: Row, selection: Selection) -> str:
    """Where a row stands in the list."""
    place = row.place(selection.index.name if selection.index else None)
    return place.sk if place else ""


def _connection(edges: list[Edge[Any]], page: Page, more_after: Cursor | None = None) -> Connection[Any]:
    end = more_after or (edges[-1].cursor if edges else None)
    return Connection(tuple(edges), more_after is not None, end, page.after is not None)
