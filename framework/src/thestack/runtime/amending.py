"""A transaction as it has to be, given the rows that stood in its way."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from thestack.definition.problems import Conflict, Taken
from thestack.ports import Add, Delete, Put, Row, RowKey, Write
from thestack.runtime import outbox, unique

Found = Mapping[RowKey, Row | None]


def amended(writes: Sequence[Write], found: Found, now: datetime) -> list[Write]:
    """The same writes over what was found: a row made anew takes the place of one that is deleted or has
    expired, and its version and the sequence of its events go on from there.

    Raises `Conflict` if a row changed meanwhile, `Taken` if all that is in the way are values of other rows.
    """
    again: list[Write] = []
    revived: dict[str, int] = {}
    taken: Taken | None = None
    for write in writes:
        row = found.get(write.key)
        if write.key not in found:
            again.append(write)
        elif isinstance(write, Delete):
            continue  # a marker that this row does not hold: it was stored before its values were unique
        elif write.row.kind == unique.KIND:
            if row and row.version != write.row.version and not row.is_over(now):
                taken = unique.is_taken(write.row)
            again.append(Put(write.row, row.version if row else None))
        elif isinstance(write, Add):
            again.append(_sum(write, row) if row and row.is_over(now) else write)
        elif write.expect is not None or (row and not row.is_over(now)):
            raise Conflict
        elif row:
            again.append(Put(replace(write.row, version=write.row.version + row.version), row.version))
            revived[outbox.subject_of(write.key)] = row.version
        else:
            again.append(write)
    if taken:
        raise taken
    return [_resumed(write, revived) for write in again]


def _sum(write: Add, over: Row) -> Put:
    """An addition to a row that has expired begins from nothing."""
    attributes: dict[str, Any] = dict(write.row.attributes)
    for name, delta in write.deltas.items():
        attributes[name] = attributes.get(name, 0) + delta
    return Put(replace(write.row, version=over.version + 1, attributes=attributes), over.version)


def _resumed(write: Write, revived: Mapping[str, int]) -> Write:
    """An outbox entry about a row that took another's place, with its number after those of the other."""
    if not revived or not isinstance(write, Put) or write.row.kind != outbox.KIND:
        return write
    entry = outbox.from_row(write.row)
    epoch, number = entry.envelope.sequence
    sequence = (epoch, number + revived.get(entry.envelope.subject, 0))
    envelope = replace(entry.envelope, sequence=sequence).to_json()
    return Put(replace(write.row, attributes={**write.row.attributes, "envelope": envelope}), write.expect)
