"""What a change of entities means to the rows that are stored already."""

from typing import Any

import pytest

from thestack.contract.findings import Finding, Level
from thestack.contract.promise import Contract, EntityShape
from thestack.contract.stored_rows import row_changes

BY_TIME = {"fields": ["owner_id", "at"], "sorted": True, "sparse": False, "local": False}


def todo(**changed: Any) -> Contract:
    shape: dict[str, Any] = {
        "name": "Todo",
        "key": ("id",),
        "owner": "owner_id",
        "refs": (),
        "unique": (),
        "indexes": {"Todo.by_time": BY_TIME},
        "row": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
    }
    return Contract("todo", entities=(EntityShape(**{**shape, **changed}),))


def judged(**changed: Any) -> list[Finding]:
    return list(row_changes(todo(), todo(**changed)))


def test_entities_that_stay_come_and_go() -> None:
    assert judged() == []
    assert judged(refs=(("id",),)) == []
    assert list(row_changes(todo(), Contract("todo"))) == []
    assert list(row_changes(Contract("todo"), todo())) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"key": ("list_id", "id")}, "the key of Todo was id and is list_id, id"),
        ({"owner": None}, "the owner of Todo was owner_id and is nobody"),
    ],
)
def test_what_places_a_row_stays(changed: dict[str, Any], says: str) -> None:
    (finding,) = judged(**changed)
    assert (finding.code, finding.level, finding.about) == ("C501", Level.BREAKING, "Todo")
    assert finding.message.startswith(says)


def test_an_index_that_serves_other_fields_has_another_name() -> None:
    (finding,) = judged(indexes={"Todo.by_time": {**BY_TIME, "fields": ["owner_id", "due"]}})
    assert (finding.code, finding.level, finding.about) == ("C502", Level.BREAKING, "Todo.by_time")
    assert "fields was ['owner_id', 'at'] and is ['owner_id', 'due']" in finding.message


def test_a_new_index_lacks_the_rows_of_before() -> None:
    (finding,) = judged(indexes={"Todo.by_time": BY_TIME, "Todo.by_due": BY_TIME})
    assert (finding.code, finding.level, finding.about) == ("C503", Level.DANGEROUS, "Todo.by_due")
