"""What a change of an entity's fields means to rows: those that are stored, and those that it will store.

The version before goes on reading the table while the new one is deployed, and after a rollback.
"""

from collections.abc import Iterable
from typing import Any

from thestack.contract.findings import Finding, Level
from thestack.contract.promise import Contract
from thestack.contract.satisfies import unreadable


def row_shape_changes(before: Contract, after: Contract) -> Iterable[Finding]:
    """Rows that the other version of the service can't read."""
    now = {each.name: each for each in after.entities if each.row}
    for was in before.entities:
        if not was.row or was.name not in now or was.row == now[was.name].row:
            continue
        for each in unreadable(_written(was.row), _read(now[was.name].row), strict=True):
            about = _about(was.name, each.path)
            yield Finding(
                "C504",
                Level.BREAKING,
                after.service,
                f"rows of {was.name} that are stored already can't be read: `{each.path}` {each.why}",
                about,
                help="give a new field a default, or read what the old rows hold as well, until each was put "
                f"again; where there are no rows yet, say so with --allow {after.service}.{about}",
            )
        for each in unreadable(_written(now[was.name].row), _read(was.row), strict=True):
            yield Finding(
                "C505",
                Level.DANGEROUS,
                after.service,
                f"the version that runs now can't read every row of {was.name} that the new one may write, "
                f"which it must until the router moves, and after a rollback: `{each.path}` {each.why}",
                _about(was.name, each.path),
                help="deploy handlers that read it first, and those that write it next",
            )


def _written(row: Any) -> Any:
    """The schema of a row as it is written: with every field."""
    if isinstance(row, dict):
        inner = {name: _written(each) for name, each in row.items()}
        return {**inner, "required": sorted(row["properties"])} if _is_object(row) else inner
    return [_written(each) for each in row] if isinstance(row, list) else row


def _read(row: Any) -> Any:
    """The schema of a row as it is read: whatever else is in it."""
    if isinstance(row, dict):
        closed = _is_object(row) and row.get("additionalProperties") is False
        left_out = {"additionalProperties"} if closed else set[str]()
        return {name: _read(each) for name, each in row.items() if name not in left_out}
    return [_read(each) for each in row] if isinstance(row, list) else row


def _is_object(schema: Any) -> bool:
    return isinstance(schema.get("properties"), dict) and schema.get("type") == "object"


def _about(entity: str, path: str) -> str:
    field = path.partition(".")[0].rstrip("[]{}")
    return f"{entity}.{field}" if field else entity
