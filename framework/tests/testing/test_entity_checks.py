"""The checks of entities that services collect: what they are of, and that they fail where they must."""

import pytest

from framework.tests.definition.conftest import Project
from thestack.definition.load import load
from thestack.testing.entity_checks import Check, entity_checks

DEFINITION = """
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from thestack import Entity, Foreign, Id, Interface, Key, Requires, Service, group, owner, scalar

service = Service("shop")
Tag = Annotated[str, scalar("Tag", parse=str, serialize=str)]


class Size(StrEnum):
    SMALL = "s"
    LARGE = "l"


class Sent(Interface, refs=["id"]):
    id: Id
    text: str


class Place(Foreign, service="maps"):
    id: Id


class NamedPlace(Place):
    name: str


class Parcel(
    Entity,
    Sent,
    key="id",
    owner="owner_id",
    allow=owner | group("staff"),
    refs=["id", Key("tag", "size")],
    unique=[Key("tag", "size")],
):
    id: Id
    owner_id: Id
    text: str
    tag: Tag
    size: Size
    to: NamedPlace | None = None


@service.field()
async def far(place: Place, /, *, metres: Requires[int]) -> bool:
    return metres > 1000
"""
NAMES = {
    "Parcel-by-id-is-answered",
    "Parcel-by-id-is-hidden",
    "Parcel-by-id-as-Sent-is-answered",
    "Parcel-by-id-as-Sent-is-hidden",
    "Parcel-by-tag-size-is-answered",
    "Parcel-by-tag-size-is-hidden",
    "Place.far-is-added",
}


def checks(project: Project, text: str) -> dict[str, Check]:
    root = project(text)
    loaded = load(root / "services/shop/service.py", root)
    assert loaded.model, loaded.diagnostics
    return {each.name: each for each in entity_checks(loaded.model)}


def test_each_key_of_each_type_and_each_field_of_others_entities_has_its_checks_and_passes(
    project: Project,
) -> None:
    found = checks(project, DEFINITION)
    assert set(found) == NAMES
    for each in found.values():
        each.run()


@pytest.mark.parametrize(
    ("right", "wrong", "fails"),
    [
        # What a scalar reads is not what it wrote: its key finds nothing.
        ("parse=str", "parse=lambda given: given + given", "Parcel-by-tag-size-is-answered"),
        # It fails for what is required, which its owner may well say.
        ("metres > 1000", "1000 // (metres % 2 - metres % 2) > 1", "Place.far-is-added"),
    ],
)
def test_what_is_wrong_fails(project: Project, right: str, wrong: str, fails: str) -> None:
    assert right in DEFINITION
    found = checks(project, DEFINITION.replace(right, wrong))
    with pytest.raises(AssertionError):
        found[fails].run()
