"""What the environments cost while nobody uses them, and that nothing of any template is forgotten."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.architecture.conftest import ROOT, stacks_of
from tests.architecture.synthesis import ENVIRONMENTS, of_environment, stacks
from thestack.costs.bill import grouped, total
from thestack.costs.estimate import estimate
from thestack.costs.idle import refuse_provisioned
from thestack.costs.prices import DEFAULT_REGION, load_prices
from thestack.costs.template import resources
from thestack.costs.types import charge_of
from thestack.definition.load import models
from thestack.infra.environment import Environment, load_environment
from thestack.infra.pieces import Load

PRICES = load_prices(DEFAULT_REGION)
POLLED = Decimal("0.2628")
"""A month of five long polls at a time."""
BARE = Environment(name="bare", mail_sender="no-reply@thestack.example", default_tenant="bare")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_all_that_a_template_holds_is_billed_and_within_the_budget(name: str) -> None:
    settings = load_environment(ROOT, name)
    budget = settings.budget
    bill = estimate(of_environment(name), budget.load if budget else Load(), PRICES)
    assert all(each.without for each in bill.idle)
    if budget:
        assert bill.dollars <= budget.monthly


def test_each_type_in_any_template_is_classified() -> None:
    found = {stack.name: stack.template for stack in stacks()}
    assert {stack.app for stack in stacks()} == {"accounts", "environments"}
    for resource in resources(found):
        charge_of(resource)
        refuse_provisioned(resource)


def test_the_default_environment_pays_for_its_queues_and_next_to_nothing_else() -> None:
    kinds = dict(grouped(estimate(of_environment("dev"), Load(), PRICES).idle, lambda each: each.what))
    polled = kinds.pop("polling of a queue")
    assert total(polled) == POLLED * len(polled)
    assert sum(map(total, kinds.values()), Decimal(0)) < Decimal("0.10"), sorted(kinds)


def test_an_environment_without_pieces_pays_for_its_queues_and_next_to_nothing_else(folder: Path) -> None:
    bill = estimate(stacks_of(BARE, models(ROOT), folder), Load(), PRICES)
    kinds = dict(grouped(bill.idle, lambda each: each.what))
    polled = kinds.pop("polling of a queue")
    assert total(polled) == POLLED * len(polled)
    assert sum(map(total, kinds.values()), Decimal(0)) < Decimal("0.30")


def test_an_environment_that_sleeps_costs_a_cent(folder: Path) -> None:
    asleep = Environment(
        name="asleep",
        mail_sender="no-reply@thestack.example",
        default_tenant="asleep",
        polling=False,
        sweep_minutes=None,
        timers=False,
    )
    assert estimate(stacks_of(asleep, models(ROOT, ["todo"]), folder), Load(), PRICES).dollars < Decimal(
        "0.02"
    )
