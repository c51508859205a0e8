"""Where in a generation what is counted lies: the values of the keys of rows."""

from datetime import date

from services.analytics.domain.counting import Cell, Metric, Visit
from services.analytics.domain.periods import Granularity


def series(generation: int, metric: Metric, granularity: Granularity, name: str) -> str:
    """The tallies of a name, one for each period."""
    return f"{generation}/{metric}/{granularity}/{name}"


def board(generation: int, metric: Metric, granularity: Granularity, at: date) -> str:
    """The tallies of a period, one for each name; of `ACTIVE_USERS` the scores, one for each user."""
    return f"{generation}/{metric}/{granularity}/{at.isoformat()}"


def series_of(generation: int, cell: Cell) -> str:
    """The series that a cell is in."""
    return series(generation, cell.metric, cell.granularity, cell.name)


def board_of(generation: int, place: Cell | Visit) -> str:
    """The board that a cell, or a user's visit, is on."""
    metric = place.metric if isinstance(place, Cell) else Metric.ACTIVE_USERS
    return board(generation, metric, place.granularity, place.at)


def shelf(generation: int, day: date) -> str:
    """Where it is noted which events of a day were counted."""
    return f"{generation}/{day.isoformat()}"
