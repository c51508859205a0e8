"""A bill adds up, and more load never costs less."""

from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thestack.costs.bill import Bill, Item, grouped, total
from thestack.costs.estimate import estimate
from thestack.costs.prices import Unpriced, load_prices
from thestack.costs.schedules import fires
from thestack.infra.pieces import Load

PRICES = load_prices("eu-central-1")
COUNTS = st.integers(0, 10**9)
LOADS = st.builds(Load, **{each.name: COUNTS for each in fields(Load)})
QUANTITIES = COUNTS.map(Decimal)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
ITEMS = st.lists(
    st.builds(
        Item,
        st.sampled_from(["a", "b"]),
        st.sampled_from(["x", "y", "z"]),
        st.sampled_from(["queue", "alarm"]),
        st.sampled_from(list(PRICES.by_key.values())),
        QUANTITIES,
    ),
    max_size=12,
)
EVERYTHING: dict[str, Any] = {
    "stack": {
        "Resources": {
            "F": {
                "Type": "AWS::Lambda::Function",
                "Properties": {"FunctionName": "dev-todo-graphql", "TracingConfig": {"Mode": "Active"}},
            },
            "Log": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"RetentionInDays": 30, "DataProtectionPolicy": {}},
            },
            "Web": {"Type": "AWS::CloudFront::Distribution"},
            "Acl": {"Type": "AWS::WAFv2::WebACL"},
            "Plan": {"Type": "AWS::Backup::BackupPlan", "Properties": {"BackupPlan": {"BackupPlanRule": []}}},
        }
    }
}


@UNHURRIED
@given(ITEMS)
def test_items_add_up_however_they_are_grouped(items: list[Item]) -> None:
    bill = Bill(items[::2], items[1::2])
    assert bill.dollars == sum((each.dollars for each in items), Decimal(0))
    for by in (lambda each: each.stack, lambda each: each.what, lambda each: each.resource):
        assert sum(map(total, grouped(items, by).values()), Decimal(0)) == bill.dollars


@UNHURRIED
@given(ITEMS)
def test_what_is_free_is_never_more_than_what_is_paid(items: list[Item]) -> None:
    bill = Bill(items)
    for price, dollars in bill.allowances().items():
        assert 0 < dollars <= total(each for each in items if each.price == price)
        assert dollars <= price.of(price.free)


@UNHURRIED
@given(LOADS, LOADS)
def test_more_load_never_costs_less(one: Load, more: Load) -> None:
    both = Load(**{name: value + getattr(more, name) for name, value in asdict(one).items()})
    assert estimate(EVERYTHING, both, PRICES).dollars >= estimate(EVERYTHING, one, PRICES).dollars


@pytest.mark.parametrize("kind", [each.name for each in fields(Load)])
def test_each_kind_of_load_costs_something(kind: str) -> None:
    nothing, some = (estimate(EVERYTHING, Load(**{kind: each}), PRICES).dollars for each in (0, 1000))
    assert some > nothing


def test_no_load_costs_nothing_beside_what_is_idle() -> None:
    assert estimate(EVERYTHING, Load(), PRICES).used == ()


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("rate(5 minutes)", "8760"),
        ("rate(1 hour)", "730"),
        ("cron(0 8 ? * MON-FRI *)", str(Decimal(261) / 12)),
        ("cron(0,30 8,20 * * ? *)", str(Decimal(365 * 4) / 12)),
        ("at(2027-01-01T00:00:00)", "0"),
    ],
)
def test_how_often_a_schedule_fires(expression: str, times: str) -> None:
    assert abs(fires(expression) - Decimal(times)) < Decimal("0.001")


@pytest.mark.parametrize("expression", ["rate(often)", "cron(0 8 * *)", ""])
def test_what_is_no_schedule(expression: str) -> None:
    with pytest.raises(Unpriced, match="is no schedule"):
        fires(expression)


def test_a_load_is_never_negative() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        Load(requests=-1)
