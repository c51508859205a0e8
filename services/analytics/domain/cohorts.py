"""What became of todos, from the sums of their cohorts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.analytics.domain.facts import Step
from services.analytics.domain.journeys import SOON
from services.analytics.domain.sums import Sum

NAMES = [*(step.value for step in Step), *SOON]
"""The names of the sums of a cohort."""


@dataclass(frozen=True, slots=True)
class Todos:
    """Todos of one cohort, or of several, by what became of them."""

    sums: Mapping[str, Sum]

    def count(self, name: str) -> int:
        """How many todos there are of which this is so."""
        return self.sums.get(name, Sum()).count

    @property
    def completion_rate(self) -> float | None:
        """Which part of the todos is completed; None of none."""
        created = self.count(Step.CREATED)
        return self.count(Step.COMPLETED) / created if created else None

    @property
    def seconds_to_complete(self) -> float | None:
        """How long a completed todo took on average; None of none."""
        completed = self.sums.get(Step.COMPLETED, Sum())
        return completed.total / completed.count if completed.count else None


def joined(cohorts: Iterable[Todos]) -> Todos:
    """Several cohorts as one."""
    sums: dict[str, Sum] = {}
    for cohort in cohorts:
        for name, each in cohort.sums.items():
            sums[name] = sums.get(name, Sum()) + each
    return Todos(sums)
