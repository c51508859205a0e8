"""The way of a todo from its creation to its completion, joined from events in whatever order they come.

Of each step the earliest moment counts, so that neither order nor repetition matters.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from services.analytics.domain.facts import Progress, Step
from services.analytics.domain.periods import day_of
from services.analytics.domain.sums import Sum

Journey = Mapping[Step, datetime]
"""When each step was taken, of those that are known."""
SOON: Mapping[str, timedelta] = {
    "completed_within_hour": timedelta(hours=1),
    "completed_within_day": timedelta(days=1),
    "completed_within_week": timedelta(weeks=1),
}
"""The names under which it is counted how many were completed so soon."""


def taken(journey: Journey, steps: Iterable[Progress]) -> Journey:
    """The journey with these steps."""
    moments = dict(journey)
    for each in steps:
        moments[each.step] = min(each.at, moments.get(each.step, each.at))
    return moments


def counted(journey: Journey) -> Mapping[tuple[date, str], Sum]:
    """What a todo counts, by the day of its creation: nothing before that is known."""
    created = journey.get(Step.CREATED)
    if created is None:
        return {}
    day, sums = day_of(created), {step.value: Sum(1) for step in journey}
    completed = journey.get(Step.COMPLETED)
    if completed:
        lasted = max(completed - created, timedelta())
        sums[Step.COMPLETED.value] = Sum(1, int(lasted.total_seconds()))
        sums |= {name: Sum(1) for name, limit in SOON.items() if lasted <= limit}
    return {(day, name): each for name, each in sums.items()}


def gained(before: Journey, after: Journey) -> Mapping[tuple[date, str], Sum]:
    """By how much what a todo counts changes, where its journey does."""
    change = dict(counted(after))
    for place, each in counted(before).items():
        change[place] = change.get(place, Sum()) + -each
    return {place: each for place, each in change.items() if each != Sum()}
