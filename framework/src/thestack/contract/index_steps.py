"""Splits an update of a stack, because DynamoDB makes or drops one index of a table at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thestack.contract.stateful import TABLES, Template, indexes_of, stateful_of
from thestack.contract.stateful_changes import replaced

Index = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Table:
    """The indexes of one table before and after; which are undone (because they change), made and dropped.

    `attributes` are the definitions of all attributes of keys, by name.
    """

    attributes: Mapping[str, Any]
    old: Mapping[str, Index]
    new: Mapping[str, Index]
    undone: Sequence[str]
    made: Sequence[str]
    dropped: Sequence[str]

    def after(self, undone: int, made: int, dropped: int) -> list[Index]:
        """The indexes when so many were undone, made and dropped."""
        gone = {*self.undone[:undone], *self.dropped[:dropped]}
        return [index for name, index in self.old.items() if name not in gone] + [
            self.new[name] for name in self.made[:made]
        ]


def index_steps(before: Template, after: Template) -> list[Template]:
    """The templates to deploy one after another; the last is `after`, mostly the only one.

    Indexes are made first. What else changes comes with the last of them, so that no handler runs before its
    index is there. Indexes are dropped in steps of their own after that, when consumers run the new version.

    Example: two new indexes of one table are two steps, the first of which is `before` with one of them.
    """
    tables = dict(_tables(before, after))
    undoing = max((len(each.undone) for each in tables.values()), default=0)
    making = max((1, *(len(each.made) for each in tables.values())))
    dropping = max((len(each.dropped) for each in tables.values()), default=0)
    steps: list[Template] = []
    for step in range(1, undoing + making + dropping):
        base = after if step >= undoing + making else before
        counts = (min(step, undoing), max(step - undoing, 0), max(step - undoing - making, 0))
        steps.append(_with_indexes(base, {id: (each, each.after(*counts)) for id, each in tables.items()}))
    return [*steps, after]


def _tables(before: Template, after: Template) -> Iterable[tuple[str, _Table]]:
    was = {each.id: each for each in stateful_of(before) if each.type in TABLES}
    for now in stateful_of(after):
        if now.id not in was or replaced(was[now.id], now):
            continue  # a new table is made with all its indexes
        old, new = before["Resources"][now.id], after["Resources"][now.id]
        shapes = was[now.id].indexes
        undone = sorted(name for name in shapes.keys() & now.indexes if shapes[name] != now.indexes[name])
        yield (
            now.id,
            _Table(
                _attributes(old, new),
                indexes_of(old),
                indexes_of(new),
                undone,
                undone + sorted(now.indexes.keys() - shapes.keys()),
                sorted(shapes.keys() - now.indexes.keys()),
            ),
        )


def _with_indexes(base: Template, tables: Mapping[str, tuple[_Table, Sequence[Index]]]) -> Template:
    resources = dict(base["Resources"])
    for id, (table, indexes) in tables.items():
        properties = {**resources[id]["Properties"], "GlobalSecondaryIndexes": indexes}
        # DynamoDB wants the attributes of keys defined, all of them and no others.
        local = properties.get("LocalSecondaryIndexes", [])
        keys = [key for each in (properties, *local, *indexes) for key in each["KeySchema"]]
        used = {key["AttributeName"] for key in keys}
        properties["AttributeDefinitions"] = [table.attributes[name] for name in sorted(used)]
        if not indexes:
            del properties["GlobalSecondaryIndexes"]
        resources[id] = {**resources[id], "Properties": properties}
    return {**base, "Resources": resources}


def _attributes(*tables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        each["AttributeName"]: each
        for table in tables
        for each in table["Properties"]["AttributeDefinitions"]
    }
