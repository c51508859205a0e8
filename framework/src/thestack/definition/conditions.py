"""Filters: conditions on the fields of an entity or an event, given by a client or by a consumer."""

from datetime import date, datetime
from typing import Any, Generic

from typing_extensions import TypeVar

from thestack.definition.shapes import Entity, Event, ForeignEvent, Input

Filtered = TypeVar("Filtered", bound=Entity | Event | ForeignEvent)
T = TypeVar("T")
Ordered = TypeVar("Ordered", bound="int | float | str | date | datetime")


class OneOf(Input, Generic[T]):
    """A filter's condition on one field: equal to `eq`, or to one of `any_of`."""

    eq: T | None = None
    any_of: list[T] | None = None

    def admits(self, value: T | None) -> bool:
        """Whether `value` satisfies every condition that was given."""
        return (self.eq is None or value == self.eq) and (self.any_of is None or value in self.any_of)


class Range(Input, Generic[Ordered]):
    """A filter's condition on one field: at least `at_least`, less than `below`, and so on."""

    at_least: Ordered | None = None
    above: Ordered | None = None
    at_most: Ordered | None = None
    below: Ordered | None = None

    def admits(self, value: Ordered | None) -> bool:
        """Whether `value` satisfies every condition that was given; a value that is null satisfies none."""
        found: Any = value  # of a type that is ordered, which the bound can't say
        tests = (
            self.at_least is None or (found is not None and found >= self.at_least),
            self.above is None or (found is not None and found > self.above),
            self.at_most is None or (found is not None and found <= self.at_most),
            self.below is None or (found is not None and found < self.below),
        )
        return all(tests)


class Text(Input):
    """A filter's condition on one field with text: equal to `eq`, beginning with `begins_with`."""

    eq: str | None = None
    begins_with: str | None = None

    def admits(self, value: str | None) -> bool:
        """Whether `value` satisfies every condition that was given."""
        begins = self.begins_with is None or (value is not None and value.startswith(self.begins_with))
        return (self.eq is None or value == self.eq) and begins


Condition = OneOf[Any] | Range[Any] | Text


class Filter(Input, Generic[Filtered]):
    """Conditions on the fields of an entity or an event, each a `OneOf`, a `Range` or a `Text`; all must
    hold.
    """

    def admits(self, entity: Filtered) -> bool:
        """Whether the entity satisfies every condition that was given."""
        conditions: dict[str, Condition | None] = vars(self)
        return all(test is None or test.admits(getattr(entity, name)) for name, test in conditions.items())
