"""Versions, filters, groups and cycles that are right load, also between services."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thestack.definition.load import load_all

Project = Callable[[str], Path]

ORDERS = """
# services/orders/service.py
from thestack import *

service = Service("orders")

class PlacedV1(Event, name="order.placed", version=1):
    order: Id
    note: str | None

class Placed(Event, name="order.placed", version=2):
    order_id: Id
"""
PACKING = """
# services/packing/service.py
from datetime import timedelta
from thestack import *

service = Service("packing")

class Parcel(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id

class PlacedV1(ForeignEvent, name="order.placed", version={older}, source="orders"):
    {fields}

class Placed(ForeignEvent, name="order.placed", version={newer}, source="orders"):
    order_id: Id

{upcast}
def newer(old: PlacedV1) -> Placed:
    return Placed(order_id=Id(""))

@service.on()
async def pack(event: Placed, /) -> None: ...
"""


def codes(root: Path) -> list[str]:
    return [each.code for loaded in load_all(root) for each in loaded.diagnostics]


def packing(
    older: int = 1, newer: int = 2, fields: str = "order: Id", upcast: str = "@service.upcast"
) -> str:
    return ORDERS + PACKING.format(older=older, newer=newer, fields=fields, upcast=upcast)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (packing(), []),
        (packing(upcast=""), ["S0605"]),
        (packing(fields="note: str | None"), []),
        (packing(fields="note: str"), ["S0605"]),
        (packing(fields="nothing: str"), ["S0605"]),
        (packing(older=3, newer=4, fields="anything: int").replace("version=2)", "version=4)"), []),
        (packing(newer=3), ["S0605"]),
        (packing(older=2, newer=1), ["S0605", "S0605", "S0609", "S0610"]),
    ],
    ids=[
        "read",
        "no way",
        "nullable",
        "not null",
        "no field",
        "forgotten",
        "to come",
        "backwards",
    ],
)
def test_an_older_version_is_heard_where_it_is_read_as_the_newest(
    project: Project, text: str, found: list[str]
) -> None:
    assert sorted(codes(project(text))) == found


def test_versions_of_one_queue_are_one_consumers(project: Project) -> None:
    text = """
from thestack import *

service = Service("shop")

class PackV1(Message, queue="packing", group="order"):
    order: Id

class Pack(Message, queue="packing", version=2, group="order_id"):
    order_id: Id

@service.upcast
def newer(old: PackV1) -> Pack:
    return Pack(order_id=old.order)

@service.queue()
async def pack(message: Pack, /) -> None: ...
"""
    (loaded,) = load_all(project(text))
    assert loaded.diagnostics == ()
    assert loaded.model is not None
    (consumer,) = loaded.model.consumers
    assert (consumer.queue, consumer.is_fifo, consumer.hears) == (
        "packing.fifo",
        True,
        (("shop", "shop/packing.fifo"),),
    )


CYCLE = """
from thestack import *

service = Service("shop")

class Order(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id

class Placed(Event, name="placed", version=1):
    id: Id

class Paid(Event, name="paid", version=1):
    id: Id

class Again(Message, queue="again"):
    id: Id

@service.on({bill})
async def bill(event: Placed, /, *, orders: Store[Order, Paid]) -> None: ...

@service.on({again})
async def again(event: Paid, /, *, orders: Store[Order, Again]) -> None: ...

@service.queue()
async def place(message: Again, /, *, orders: Store[Order, Placed]) -> None: ...

@service.on()
async def note(event: Placed | Paid, /, *, orders: Store[Order]) -> None: ...
"""


@pytest.mark.parametrize("meant", ["bill", "again"])
def test_a_cycle_is_meant_where_one_of_its_consumers_says_so(project: Project, meant: str) -> None:
    said = {"bill": "", "again": "", meant: "cyclic=True"}
    assert codes(project(CYCLE.format(**said))) == []


def test_a_cycle_is_told_once_with_its_whole_way(project: Project) -> None:
    (loaded,) = load_all(project(CYCLE.format(bill="", again="")))
    (mistake,) = loaded.diagnostics
    assert mistake.message.endswith(
        "paid -> shop.again -> shop/again -> shop.place -> placed -> shop.bill -> paid"
    )
