"""What is wrong with a timer is said before it is deployed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thestack.definition.load import load_all
from thestack.definition.model import ScheduleModel, Trigger

HEAD = """
from datetime import timedelta
from thestack import *

service = Service("shop")

class Stock(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id

"""


@pytest.mark.parametrize(
    ("timer", "said"),
    [
        ("async def count(clock: Clock) -> None: ...", "nobody gives the argument `clock` to a timer"),
        ("async def count(stock: Stock, /) -> None: ...", "nothing hands `stock` to a timer"),
        ("async def count(*, caller: Caller) -> None: ...", "a timer has no caller, so `caller` would be"),
        ("async def count(*, mine: Owned[Stock]) -> None: ...", "a timer has no caller, so `mine` would be"),
        ("def count(*, clock: Clock) -> None: ...", "`count` is not async"),
    ],
)
def test_a_timer_takes_what_it_can_be_given(project: Callable[[str], Path], timer: str, said: str) -> None:
    root = project(f"{HEAD}@service.every(timedelta(hours=1))\n{timer}")
    (mistake,) = (each for loaded in load_all(root) for each in loaded.diagnostics)
    assert mistake.message.startswith(said)


def test_two_timers_have_two_names(project: Callable[[str], Path]) -> None:
    timer = "@service.every(timedelta(hours=1))\nasync def count(*, clock: Clock) -> None: ...\n\n"
    mistakes = [each for loaded in load_all(project(HEAD + timer * 2)) for each in loaded.diagnostics]
    assert "S0301" in {each.code for each in mistakes}


@pytest.mark.parametrize(
    ("interval", "expression"),
    [
        ("minutes=1", "rate(1 minute)"),
        ("days=1", "rate(1440 minutes)"),
        ("days=1000", "rate(1440000 minutes)"),
    ],
)
def test_an_interval_is_counted_in_minutes(
    project: Callable[[str], Path], interval: str, expression: str
) -> None:
    timer = f"@service.every(timedelta({interval}))\nasync def count(*, clock: Clock) -> None: ..."
    (loaded,) = load_all(project(HEAD + timer))
    assert loaded.model, loaded.diagnostics
    (consumer,) = loaded.model.consumers
    assert consumer.trigger is Trigger.TIME
    assert consumer.schedule == ScheduleModel(expression, "UTC")
