"""What services expect of one another, held against the contracts and the real handlers of the other."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from framework.tests.testing import warehouse
from thestack import ForeignEvent, ForeignMessage, Id
from thestack.contract.building import contract_of
from thestack.contract.expectations import Unexpected, expectations, expectations_of
from thestack.contract.files import contract_files
from thestack.contract.promise import Contract, Expectation, Heard
from thestack.contract.schemas import reading
from thestack.definition.module import model_of
from thestack.testing.expectation_checks import expectation_checks
from thestack.testing.expectations import event, message, query

MODEL = model_of(warehouse)
PROVIDER = contract_of(MODEL)


class Placed(ForeignEvent, name="order.placed", version=3, source="warehouse"):
    order_id: Id


class Pack(ForeignMessage, service="warehouse", queue="packing", version=2, group="order_id"):
    order_id: Id
    what: str


class PackAll(ForeignMessage, service="warehouse", queue="packing", version=2, group="order_id"):
    order_id: Id


PLACE = {"query": 'mutation { place(id: "7") { id } }', "keeps": {"id": "place.id"}}
MET = [
    event("an order's id", Placed, {"order_id": "7"}),
    event("an order's id when it is placed", Placed, {"order_id": "$id"}, given=[PLACE]),
    message("something is packed", Pack(order_id=Id("7"), what="a book")),
    query(
        "its order", "warehouse", '{ order(id: "7") { id } }', given=[PLACE], answer={"order": {"id": "$id"}}
    ),
]


def consumer(*expected: Expectation) -> Contract:
    read = Heard("order.placed", "warehouse", 3, {3: reading(Placed)}, ("count",))
    return Contract("shop", hears=(read,), expects=expected)


def told(*expected: Expectation, provider: Contract | None = PROVIDER) -> list[tuple[str, str, str]]:
    world = {"shop": consumer(*expected), **({"warehouse": provider} if provider else {})}
    return [(each.code, each.service, each.about) for each in expectations(world)]


def run(folder: Path, *expected: Expectation) -> None:
    """Check the provider from files alone."""
    for path, text in contract_files(consumer(*expected)).items():
        file = folder / "shop" / "contract" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    checks = list(expectation_checks(MODEL, folder))
    assert len(checks) == len(expected)
    for each in checks:
        each.run()


@pytest.mark.parametrize("expected", MET, ids=lambda each: each.name)
def test_what_is_met_is_fine_by_the_contracts_and_by_the_handlers(
    expected: Expectation, tmp_path: Path
) -> None:
    assert told(expected) == []
    run(tmp_path, expected)


def changed(number: int, **values: Any) -> Expectation:
    from dataclasses import replace

    return replace(MET[number], **values)


@pytest.mark.parametrize(
    ("expected", "finding"),
    [
        (changed(0, subject="order.lost"), ("C701", "warehouse", "order.lost")),
        (changed(0, example={"order": "7"}), ("C703", "warehouse", "order.placed.order")),
        (changed(0, example={"order_id": 7}), ("C703", "warehouse", "order.placed.order_id")),
        (changed(2, example={"order_id": "7"}), ("C703", "warehouse", "warehouse/packing.fifo.what")),
        (changed(2, subject="warehouse/gone"), ("C701", "warehouse", "warehouse/gone")),
        (changed(3, subject='{ order(id: "7") { price } }'), ("C702", "warehouse", "")),
    ],
)
def test_what_is_not_met_is_told_by_the_contracts(
    expected: Expectation, finding: tuple[str, str, str]
) -> None:
    assert finding in told(expected)
    assert told(expected, provider=None) == [("C701", "shop", "")]


@pytest.mark.parametrize(
    "expected",
    [
        changed(0, example={"order": "7"}),
        changed(0, version=9),
        changed(1, example={"order_id": 7}),
        changed(1, subject="order.lost"),
        changed(2, example={"order_id": "7"}),
        changed(2, subject="warehouse/gone"),
        changed(3, subject='{ order(id: "7") { price } }'),
        changed(3, example={"order": {"id": "8"}}),
    ],
)
def test_what_is_not_met_fails_at_the_handlers(expected: Expectation, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run(tmp_path, expected)


def test_an_example_that_the_reader_itself_can_not_read_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValidationError):
        event("nothing", Placed, {"order": "7"})


def test_they_are_collected_from_the_services_own_tests(tmp_path: Path) -> None:
    folder = tmp_path / "stores" / "corner"
    assert expectations_of(folder) == ()
    (folder / "tests").mkdir(parents=True)
    (folder / "tests/expectations.py").write_text(
        "from thestack.testing.expectations import query\n"
        "EXPECTATIONS = [query('a', 'b', '{ c }', answer={'c': 1})]\n"
    )
    (found,) = expectations_of(folder)
    assert (found.name, found.provider, found.kind, found.subject) == ("a", "b", "query", "{ c }")
    other = tmp_path / "stores" / "wrong"
    (other / "tests").mkdir(parents=True)
    (other / "tests/expectations.py").write_text("EXPECTATIONS = [1]\n")
    with pytest.raises(Unexpected, match="something else"):
        expectations_of(other)
