"""What a measurement answers: figures, each with its samples' spread and, where there is one, its budget."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Say = Callable[[str], None]
"""Told what is being measured."""


class NotMeasured(Exception):
    """A measurement that can't be made here. The message says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the table.

    `value` is the median of `samples` unless the name says otherwise; `low` and `high` are their extremes.
    `budget` is the most that the design allows; None where it sets nothing. `beside` is the key of a figure
    of another measurement, to be read beside this one.
    """

    key: str
    name: str
    unit: str
    value: float
    samples: int = 1
    low: float | None = None
    high: float | None = None
    budget: float | None = None
    beside: str | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the budget is kept; None without one."""
        return None if self.budget is None else self.value <= self.budget


@dataclass(frozen=True, slots=True)
class Measurement:
    """One part of the bench: a name for the command line, a title, how it is done, and what does it."""

    name: str
    title: str
    method: str
    measure: Callable[[Path, Say], Sequence[Figure]]


@dataclass(frozen=True, slots=True)
class Section:
    """What came of a measurement: its figures, or the reason why there are none."""

    name: str
    title: str
    method: str
    figures: tuple[Figure, ...]
    failure: str | None = None
    seconds: float = 0

    def as_json(self) -> dict[str, Any]:
        """Everything; each figure with its verdict."""
        figures = [{**asdict(each), "is_met": each.is_met} for each in self.figures]
        return {**asdict(self), "figures": figures}


def median_of(
    key: str, name: str, unit: str, samples: Sequence[float], *, budget: float | None = None
) -> Figure:
    """The median of some samples as a figure. Raises `statistics.StatisticsError` if there are none."""
    return Figure(
        key, name, unit, statistics.median(samples), len(samples), min(samples), max(samples), budget
    )


def percentile_of(
    key: str, name: str, unit: str, samples: Sequence[float], percent: int, *, budget: float | None = None
) -> Figure:
    """The smallest sample that `percent` of all do not exceed. Raises `ValueError` if there are none."""
    ordered = sorted(samples)
    if not ordered:
        raise ValueError("no samples")
    place = max(0, -(-len(ordered) * percent // 100) - 1)
    return Figure(key, name, unit, ordered[place], len(ordered), ordered[0], ordered[-1], budget)


def ratio_of(key: str, name: str, figure: Figure, to: Figure, *, budget: float | None = None) -> Figure:
    """How many times `to` a figure is: medians of one interleaved run, so that both saw the same machine."""
    return Figure(key, name, "x", figure.value / to.value, figure.samples, budget=budget)
