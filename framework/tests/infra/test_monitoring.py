"""A service's alarms and dashboard follow from its definition, as far as its environment has them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from framework.tests.infra.conftest import Define, Synthesize
from thestack.costs.prices import load_prices
from thestack.infra.environment import Environment
from thestack.infra.errors import SynthesisError
from thestack.infra.pieces import Monitoring
from thestack.infra.service_dashboard import CALL, GB_SECOND, READ, WRITE

SHOP = """
class Order(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id

class Placed(Event, name="order.placed", version=1):
    order_id: Id

@service.mutation(allow=signed_in)
async def place(*, mine: Owned[Order, Placed], caller: Caller) -> Order:
    order = Order(id=new_id(), owner_id=caller.id)
    return await mine.put(order, emit=Placed(order_id=order.id))

@service.on()
async def pack(event: Placed, /) -> None: ...
"""
WATCHED = Environment(
    name="blue", mail_sender="a@b.example", monitoring=Monitoring(runbooks="https://r.example")
)
Template = Mapping[str, Any]


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    found = {
        id: each for id, each in template["Resources"].items() if each["Type"] == f"AWS::CloudWatch::{kind}"
    }
    return {each["Properties"].get("AlarmName", id): each["Properties"] for id, each in found.items()}


def with_monitoring(**settings: Any) -> Environment:
    return replace(WATCHED, monitoring=Monitoring(**settings))


def test_what_can_go_wrong_has_an_alarm_of_its_own(define: Define, template: Synthesize) -> None:
    alarms = of_type(template(define("shop", SHOP), WATCHED), "Alarm")
    plain = {name: each for name, each in alarms.items() if "burn-rate" not in name}
    assert {name: (each["MetricName"], each["Dimensions"][0]["Value"]) for name, each in plain.items()} == {
        "blue-shop-dead-letters-pack": ("ApproximateNumberOfMessagesVisible", "blue-shop-pack-dlq"),
        "blue-shop-undelivered": ("ApproximateNumberOfMessagesVisible", "blue-shop-relay-undelivered"),
        "blue-shop-iterator-age": ("IteratorAge", "blue-shop-relay"),
    }
    for alarm in plain.values():
        assert alarm["TreatMissingData"] == "notBreaching"
        assert "What to do: https://r.example/" in alarm["AlarmDescription"]


@pytest.mark.parametrize(
    ("settings", "alarms", "composites", "dashboards"),
    [
        ({}, 7, 1, 1),
        ({"availability": None}, 3, 0, 1),
        ({"alarms": False}, 0, 0, 1),
        ({"dashboards": False}, 7, 1, 0),
        ({"dashboards": False, "alarms": False}, 0, 0, 0),
    ],
)
def test_each_can_be_done_without(
    define: Define,
    template: Synthesize,
    settings: dict[str, Any],
    alarms: int,
    composites: int,
    dashboards: int,
) -> None:
    found = template(define("shop", SHOP), with_monitoring(**settings))
    counted = [len(of_type(found, kind)) for kind in ("Alarm", "CompositeAlarm", "Dashboard")]
    assert counted == [alarms, composites, dashboards]


def test_a_budget_is_burnt_over_a_long_window_and_a_short_one(define: Define, template: Synthesize) -> None:
    found = template(define("shop", SHOP), WATCHED)
    windows = {
        name: (alarm["Metrics"][0]["MetricStat"]["Period"], alarm["Threshold"])
        for name, alarm in of_type(found, "Alarm").items()
        if "burn-rate" in name
    }
    assert windows == {
        "blue-shop-burn-rate-60m": (3600, 0.0144),
        "blue-shop-burn-rate-5m": (300, 0.0144),
        "blue-shop-burn-rate-360m": (21600, 0.006),
        "blue-shop-burn-rate-30m": (1800, 0.006),
    }
    (both,) = of_type(found, "CompositeAlarm").values()
    named = {
        id: each["Properties"]["AlarmName"].rpartition("-")[2]
        for id, each in found["Resources"].items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }
    rule = "".join(
        part if isinstance(part, str) else named[part["Ref"]] for part in both["AlarmRule"]["Fn::Join"][1]
    )
    assert rule == '(ALARM("60m") AND ALARM("5m")) OR (ALARM("360m") AND ALARM("30m"))'


@pytest.mark.parametrize(
    ("crashed", "failed", "total", "share"),
    [
        ([0], [0], [1000], [0]),
        ([10], [4], [1000], [0.014]),
        ([10], [5], [1000], [0.015]),
        ([15], [], [1000], [0.015]),  # nothing is told of a metric that nobody made yet
        ([], [2], [2], [0]),  # two failures are no trend
        ([], [3], [3], [1]),
    ],
)
def test_what_cloudwatch_computes_is_the_share_that_failed(
    define: Define,
    template: Synthesize,
    crashed: list[float],
    failed: list[float],
    total: list[float],
    share: list[float],
) -> None:
    alarm = of_type(template(define("shop", SHOP), WATCHED), "Alarm")["blue-shop-burn-rate-60m"]
    values: dict[str, Any] = {"crashed": crashed, "failed": failed, "total": total}
    for query in alarm["Metrics"]:
        if "Expression" in query:
            values[query["Id"]] = computed(query["Expression"], values)
    (told,) = [query["Id"] for query in alarm["Metrics"] if query["ReturnData"]]
    assert [values[told]] == share
    breaches = values[told] > alarm["Threshold"]
    assert breaches == (share[0] > 0.0144)


def computed(expression: str, values: Mapping[str, Any]) -> float:
    """What CloudWatch's metric math makes of it for one period: FILL and IF as its documentation has them."""

    def fill(series: Any, filler: float) -> float:
        return series[0] if series else filler

    def if_(condition: bool, yes: float, no: float) -> float:
        return yes if condition else no

    python = expression.replace("IF(", "if_(").replace("FILL(", "fill(")
    bare = {name: each[0] if isinstance(each, list) and each else each for name, each in values.items()}
    raw = {name: each for name, each in values.items() if isinstance(each, list)}
    names = {**bare, **(raw if "fill" in python else {}), "fill": fill, "if_": if_}
    result: float = eval(python, {"__builtins__": {}}, names)  # noqa: S307 - the template's own words
    return result


def test_the_emulators_alarms_are_those_that_it_can_evaluate(define: Define, template: Synthesize) -> None:
    found = template(define("shop", SHOP), WATCHED.on_this_machine())
    assert not of_type(found, "CompositeAlarm")
    for alarm in of_type(found, "Alarm").values():
        assert "Metrics" not in alarm
        assert alarm["AlarmActions"]


def test_a_dashboard_says_what_functions_and_table_cost(define: Define, template: Synthesize) -> None:
    (dashboard,) = of_type(template(define("shop", SHOP), WATCHED), "Dashboard").values()
    text = "".join(
        part if isinstance(part, str) else "x" for part in dashboard["DashboardBody"]["Fn::Join"][1]
    )
    (cost,) = [
        each["properties"]
        for each in json.loads(text)["widgets"]
        if each["properties"].get("title", "").startswith("Estimated cost")
    ]
    expressions = {each[0]["label"]: each[0]["expression"] for each in cost["metrics"] if len(each) == 1}
    used = {"d": [3_600_000.0], "n": [1_000_000.0]}
    values = {f"{kind}{number}": value for kind, value in used.items() for number in range(3)}
    # An hour of 512 MB on arm64, and a million calls: three functions.
    assert computed(expressions["functions"], values) == pytest.approx(3 * (1800 * 0.0000133334 + 0.20))
    assert computed(expressions["table"], {"r": [1e6], "w": [1e6]}) == pytest.approx(0.1525 + 0.7625)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("availability=100", "less than 100"),
        ("availability=90", "greater than or equal to 95"),
        ("sampling=2", "less than or equal to 1"),
    ],
)
def test_an_objective_that_no_alarm_can_watch_is_refused(tmp_path: Any, settings: str, said: str) -> None:
    from thestack.infra.environment import load_environment

    folder = tmp_path / "deploy/environments"
    folder.mkdir(parents=True)
    (folder / "blue.py").write_text(
        "from thestack.infra.environment import Environment\nfrom thestack.infra.pieces import Monitoring\n"
        'environment = Environment(name="blue", mail_sender="a@b.example", '
        f"monitoring=Monitoring({settings}))"
    )
    with pytest.raises(SynthesisError, match=said):
        load_environment(tmp_path, "blue")


def test_a_dashboards_prices_are_those_of_the_bill() -> None:
    prices = load_prices("eu-central-1")
    shown = {
        "lambda.arm64": GB_SECOND["arm64"],
        "lambda.request": CALL,
        "dynamodb.read": READ,
        "dynamodb.write": WRITE,
    }
    assert shown == {key: float(prices[key].dollars / prices[key].per) for key in shown}
