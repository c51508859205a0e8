"""Rows of several entities that lie beside each other: the capability `Collection`."""

from collections.abc import Sequence
from typing import Any

from thestack.definition.model import EntityModel
from thestack.definition.problems import TooLarge
from thestack.ports import Query
from thestack.runtime import keys
from thestack.runtime.entities import living
from thestack.runtime.unit_of_work import UnitOfWork

MOST = 1000


class CollectedRows:
    """The rows of these entities, by the partitions that they share."""

    def __init__(self, unit: UnitOfWork, entities: Sequence[EntityModel]) -> None:
        self._unit, self._entities = unit, {entity.name: entity for entity in entities}

    async def within(self, *partition: Any) -> list[Any]:
        """All rows of one partition: those of the entity that the others lie beside first, each in the order
        of their keys. Raises `TooLarge` for more than can be answered at once.
        """
        tenant, ports = self._unit.scope.tenant, self._unit.ports
        one = next(iter(self._entities.values()))
        if len(partition) != len(one.partition):
            what = f"a partition of {one.name}"
            raise TypeError(keys.miscounted(what, one.partition, len(partition)))
        pk = keys.partition_key(tenant, one.beside or one.name, *partition)
        rows = await ports.store.query(Query(pk, limit=MOST + 1))
        if len(rows) > MOST:
            raise TooLarge(f"There are more than {MOST} rows in one partition; read them page by page.")
        now = ports.clock.now()
        rows.sort(key=lambda row: keys.is_guest(row.key.sk))
        found = [
            living(self._entities[row.kind], tenant, row, now) for row in rows if row.kind in self._entities
        ]
        return [each for each in found if each is not None]
