"""A rule's pattern and the filter that it comes from agree, by the word of the bus itself."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.tests.adapters.emulator import Emulator
from thestack import Event, Filter, Id, OneOf, Range, Service, Text
from thestack.definition.model import EventModel, FieldModel
from thestack.definition.patterns import Unsayable, data_pattern
from thestack.definition.shaping import Shapes
from thestack.ports import Envelope

pytestmark = pytest.mark.aws
service = Service("shop")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Placed(Event, name="order.placed", version=1):
    id: Id
    note: str | None
    total: int
    weight: float
    gift: bool
    colour: Colour
    day: date


class Some(Filter[Placed]):
    id: OneOf[Id] | None = None
    note: Text | None = None
    total: Range[int] | OneOf[int] | None = None
    weight: Range[float] | OneOf[float] | None = None
    gift: OneOf[bool] | None = None
    colour: OneOf[Colour] | None = None
    day: OneOf[date] | None = None


def fields() -> Mapping[str, FieldModel]:
    shapes = Shapes("shop")
    shapes.shape(Placed)
    model: EventModel = shapes.models[Placed]
    return {field.name: field for field in model.fields}


FIELDS = fields()
IDS, TEXTS = st.sampled_from(["1", "2", "é \u2028"]), st.sampled_from(["", "a", "ab", "b*", "Zoë", "null"])
NUMBERS, DAYS = st.integers(-3, 3), st.sampled_from([date(2026, 1, 1), date(2026, 1, 2)])
WEIGHTS = st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.000001, 1.0, 2.5, 1e9])
COLOURS = st.sampled_from(Colour)
EVENTS = st.builds(
    Placed,
    id=IDS.map(Id),
    note=st.none() | TEXTS,
    total=NUMBERS,
    weight=WEIGHTS | st.floats(-2, 2),
    gift=st.booleans(),
    colour=COLOURS,
    day=DAYS,
)


def one_of(kind: Any, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.none() | st.lists(values, min_size=1, max_size=3)
    return st.builds(OneOf[kind], eq=st.none() | values, any_of=some)


def between(kind: Any, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    bound = st.none() | values
    return st.builds(Range[kind], at_least=bound, above=bound, at_most=bound, below=bound)


CONDITIONS = {
    "id": one_of(Id, IDS.map(Id)),
    "note": st.builds(Text, eq=st.none() | TEXTS, begins_with=st.none() | TEXTS),
    "total": between(int, NUMBERS) | one_of(int, NUMBERS),
    "weight": between(float, WEIGHTS) | one_of(float, WEIGHTS),
    "gift": one_of(bool, st.booleans()),
    "colour": one_of(Colour, COLOURS),
    "day": one_of(date, DAYS),
}


@st.composite
def filters(draw: st.DrawFn) -> Some:
    """Mostly of one condition: of many, nearly every event fails one."""
    names = draw(st.lists(st.sampled_from(sorted(CONDITIONS)), min_size=1, max_size=2, unique=True))
    return Some(**{name: draw(CONDITIONS[name]) for name in names})


class Bus:
    """What EventBridge says of patterns."""

    def __init__(self, emulator: Emulator) -> None:
        self._client = emulator.client("events")

    def passes(self, pattern: Mapping[str, Any], detail: Mapping[str, Any]) -> bool:
        """Whether a rule with this pattern hands over an event with this detail."""
        event = {
            "id": "1",
            "account": "123456789012",
            "source": "shop",
            "detail-type": "order.placed",
            "time": "2026-01-01T00:00:00Z",
            "region": "eu-central-1",
            "resources": [],
            "detail": detail,
        }
        answer = self._client.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))
        return bool(answer["Result"])


@pytest.fixture(scope="module")
def bus(emulator: Emulator) -> Bus:
    return Bus(emulator)


def travelling(event: Placed) -> dict[str, Any]:
    """The event as the relay publishes it."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    said = event.model_dump(mode="json")  # type: ignore[attr-defined]
    envelope = Envelope("1", "order.placed", 1, "shop", "Order/1", moment, "main", said)
    detail: dict[str, Any] = json.loads(envelope.to_json())
    return detail


def pattern_of(where: Some) -> dict[str, Any] | None:
    """The data's pattern; None where the filter admits nothing, which no pattern says."""
    try:
        return data_pattern(where, FIELDS)
    except Unsayable as unsayable:
        if "admits nothing" in unsayable.why:
            return None
        raise


@settings(max_examples=150, deadline=None, database=None)
@given(where=filters(), events=st.lists(EVENTS, min_size=2, max_size=4))
def test_the_bus_leaves_out_what_the_filter_does_not_admit_and_nothing_else(
    bus: Bus, where: Some, events: list[Placed]
) -> None:
    data = pattern_of(where)
    for event in events:
        admitted = where.admits(event)
        if data is None:
            assert not admitted
            continue
        passed = not data or bus.passes({"detail": {"data": data}}, travelling(event))
        assert passed or not admitted
        # Numbers with a fraction are compared less exactly; the consumer looks again.
        assert where.weight is not None or passed == admitted


def test_other_versions_are_handed_over_whatever_their_data(bus: Bus) -> None:
    pattern = {"detail": {"$or": [{"data": {"total": [5]}}, {"dataversion": [{"anything-but": [2]}]}]}}
    handed = [(2, 5, True), (2, 6, False), (1, 6, True), (3, 6, True)]
    for version, total, passes in handed:
        assert bus.passes(pattern, {"dataversion": version, "data": {"total": total}}) is passes
