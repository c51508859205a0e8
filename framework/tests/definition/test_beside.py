"""A service in several files: what is wrong in any of them is in one report, at its place."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from thestack.definition.load import load_all, models
from thestack.diagnostics.diagnostic import Diagnostic
from thestack.diagnostics.locate import Locator

Project = Callable[[str], Path]

SERVICE = """\
from services.shop.orders import Order, orders
from thestack import Entity, Id, Owned, Service, signed_in

service = Service("shop")
service.include(orders)


class Customer(Entity, key="id", owner="id"):
    id: Id


@service.query(allow=signed_in)
async def customer(id: Id, *, mine: Owned[Customer]) -> Customer:
    return await mine.get(id)
"""
ORDERS = """\
from thestack import Entity, Id, Owned, Part, signed_in

orders = Part()


class Order(
    Entity,
    key="id",
    owner="owner_id",
):
    id: Id
    owner_id: Id


@orders.query(
    allow=signed_in,
)
async def order(id: Id, *, mine: Owned[Order]) -> Order:
    return await mine.get(id)
"""


@pytest.fixture
def shop(project: Project) -> Callable[..., list[str]]:
    """Loads the service after a text in one of its files was replaced: what is wrong, by file and mark."""

    def load(*changes: tuple[str, str]) -> list[str]:
        root = project(changed(SERVICE, changes))
        (root / "services/shop/orders.py").write_text(changed(ORDERS, changes), encoding="utf-8")
        return [shown(each) for loaded in load_all(root) for each in loaded.diagnostics]

    return load


def changed(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for before, after in changes:
        text = text.replace(before, after)
    return text


def shown(mistake: Diagnostic) -> str:
    locator = Locator()
    span = locator.locate(mistake)
    line = locator.source(mistake.site.file).line(span.line)
    marked = line[span.column - 1 : span.end_column - 1 if span.end_line == span.line else None]
    return f"{Path(mistake.site.file).name} {mistake.code} {marked}"


Shop = Callable[..., list[str]]


def test_a_service_of_two_files_is_right(shop: Shop) -> None:
    assert shop() == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('    key="id",', '    key="idd",', 'S0201 "idd"'),
        ('    owner="owner_id",', "    owner=3,", "S0103 3"),
        ('    owner="owner_id",', '    ownr="owner_id",\n    allow=signed_in,', 'S0103 ownr="owner_id"'),
        ("    owner_id: Id", "    owner_id: Idd", "S0101 Idd"),
        ("    allow=signed_in,", '    allow="signed_in",', 'S0103 "signed_in"'),
        ("    allow=signed_in,", "", "S0401 orders.query("),
        ("-> Order", "-> bytes", "S0102 bytes"),
    ],
)
def test_a_mistake_in_a_part_is_placed_there(shop: Shop, before: str, after: str, expected: str) -> None:
    assert f"orders.py {expected}" in shop((before, after))


def test_every_failing_statement_of_a_part_is_reported_and_so_is_what_is_wrong_elsewhere(shop: Shop) -> None:
    found = shop(
        ("orders = Part()\n", "orders = Part()\nLIMIT = int('x')\nPLACE = nowhere\n"),
        ('class Customer(Entity, key="id"', 'class Customer(Entity, key="idd"'),
    )
    assert found == ["orders.py S0001 int('x')", "orders.py S0001 nowhere", 'service.py S0201 "idd"']


def test_what_follows_from_a_failure_in_a_part_is_not_reported(shop: Shop) -> None:
    assert shop(("orders = Part()", "orders = Prat()")) == ["orders.py S0001 Prat"]


def test_a_part_that_is_no_python_is_one_mistake(shop: Shop) -> None:
    assert shop(("orders = Part()", "orders = Part(")) == ["orders.py S0001 ("]


def test_a_name_that_a_part_does_not_have_is_the_importing_files_mistake(shop: Shop) -> None:
    found = shop(("import Order, orders", "import Ordr, orders"))
    assert found == ["service.py S0001 Ordr"]


def test_a_corrected_part_loads_in_the_same_process(shop: Shop, project: Project) -> None:
    assert shop(('    key="id",', '    key="idd",'))
    assert shop() == []
    assert [model.name for model in models(project(SERVICE))] == ["shop"]


def test_nothing_stays_in_the_way_of_other_imports(shop: Shop) -> None:
    before = list(sys.meta_path)
    shop(("orders = Part()", "orders = Prat()"))
    assert sys.meta_path == before
