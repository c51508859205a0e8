"""What a change of an entity's fields means to rows that one version wrote and another one reads."""

from enum import StrEnum

import pytest

from thestack import Entity, Id
from thestack.contract.promise import Contract, EntityShape
from thestack.contract.row_shapes import row_shape_changes
from thestack.contract.schemas import reading


class Mood(StrEnum):
    CALM = "CALM"


class Moods(StrEnum):
    CALM = "CALM"
    WILD = "WILD"


class Note(Entity, key="id"):
    id: Id
    text: str
    mood: Mood = Mood.CALM


class Optional(Entity, key="id"):
    id: Id
    text: str
    mood: Mood = Mood.CALM
    stars: int = 0


class Required(Entity, key="id"):
    id: Id
    text: str
    mood: Mood = Mood.CALM
    stars: int


class Wilder(Entity, key="id"):
    id: Id
    text: str
    mood: Moods = Moods.CALM


class Number(Entity, key="id"):
    id: Id
    text: int
    mood: Mood = Mood.CALM


class Fewer(Entity, key="id"):
    id: Id
    text: str


def contract(entity: type[Entity]) -> Contract:
    shape = EntityShape("Note", ("id",), None, (), (), {}, reading(entity))
    return Contract("notes", entities=(shape,))


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (Note, Note, set()),
        (Note, Optional, set()),
        (Optional, Note, set()),
        (Note, Fewer, set()),
        (Note, Required, {("C504", "Note.stars")}),
        (Required, Note, {("C505", "Note.stars")}),
        (Required, Optional, set()),
        (Note, Wilder, {("C505", "Note.mood")}),
        (Wilder, Note, {("C504", "Note.mood")}),
        (Note, Number, {("C504", "Note.text"), ("C505", "Note.text")}),
    ],
)
def test_rows_of_one_version_read_by_the_other(
    before: type[Entity], after: type[Entity], found: set[tuple[str, str]]
) -> None:
    findings = list(row_shape_changes(contract(before), contract(after)))
    assert {(each.code, each.about) for each in findings} == found
    assert all(each.message for each in findings)
