"""Counts facts in a generation: each once, in whatever order they come."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.analytics import places
from services.analytics.domain.counting import ALL, Cell, Metric, Visit, added, cell_of, visits
from services.analytics.domain.facts import Fact, Progress, Step
from services.analytics.domain.journeys import Journey, gained, taken
from services.analytics.domain.periods import day_of
from services.analytics.domain.sums import Sum
from services.analytics.rows import CountedEvent, Score, Tally, TodoJourney
from thestack import Id, Store

REMEMBERED = timedelta(days=60)
"""Longer than an event can come again: queue and DLQ keep it for 14 days each."""


@dataclass(frozen=True, slots=True)
class Projections:
    """The projections of one generation, within one transaction."""

    generation: int
    tallies: Store[Tally]
    scores: Store[Score]
    journeys: Store[TodoJourney]
    counted: Store[CountedEvent]

    async def count(self, facts: Sequence[Fact], now: datetime) -> int:
        """Count what is new of these facts; answers how many that are."""
        new = await self._new(facts, now)
        sums = dict(added(new))
        for change in (await self._visited(visits(new)), await self._moved(new)):
            for cell, each in change.items():
                sums[cell] = sums.get(cell, Sum()) + each
        for cell, each in sums.items():
            if each != Sum():
                await self._add(cell, each)
        return len(new)

    async def _new(self, facts: Sequence[Fact], now: datetime) -> list[Fact]:
        """The facts that this generation does not know, which it knows from now on."""
        shelves: dict[str, dict[Id, Fact]] = {}
        for fact in facts:
            shelf = places.shelf(self.generation, day_of(fact.at))
            shelves.setdefault(shelf, {}).setdefault(Id(fact.event_id), fact)
        new: list[Fact] = []
        for shelf, there in shelves.items():
            rows = self.counted.within(shelf)
            for (id, fact), known in zip(there.items(), await rows.find_all(list(there)), strict=True):
                if known is None:
                    await rows.put(CountedEvent(shelf=shelf, event_id=id, expires_at=now + REMEMBERED))
                    new.append(fact)
        return new

    async def _visited(self, visits: Mapping[Visit, int]) -> Mapping[Cell, Sum]:
        """Score what users did; answers how many of them are new to a period."""
        boards: dict[str, list[Visit]] = {}
        for visit in visits:
            boards.setdefault(places.board_of(self.generation, visit), []).append(visit)
        known = await asyncio.gather(
            *(
                self.scores.within(board).find_all([each.user for each in there])
                for board, there in boards.items()
            )
        )
        newcomers: dict[Cell, Sum] = {}
        for (board, there), found in zip(boards.items(), known, strict=True):
            rows = self.scores.within(board)
            for visit, score in zip(there, found, strict=True):
                if score is None:
                    score = Score(board=board, user_id=Id(visit.user), events=0)
                    cell = Cell(Metric.ACTIVE_USERS, ALL, visit.granularity, visit.at)
                    newcomers[cell] = newcomers.get(cell, Sum()) + Sum(1)
                score.events += visits[visit]
                await rows.put(score)
        return newcomers

    async def _moved(self, facts: Sequence[Fact]) -> Mapping[Cell, Sum]:
        """Join what became of todos; answers how the sums of their cohorts change."""
        steps: dict[str, list[Progress]] = {}
        for fact in facts:
            if fact.progress:
                steps.setdefault(fact.progress.todo_id, []).append(fact.progress)
        if not steps:
            return {}
        rows, sums = self.journeys.within(str(self.generation)), dict[Cell, Sum]()
        for todo, row in zip(steps, await rows.find_all(list(steps)), strict=True):
            before: Journey = _journey(row) if row else {}
            after = taken(before, steps[todo])
            if after != before:
                await rows.put(_written(row or self._begun(todo), after))
            for (day, name), each in gained(before, after).items():
                cell = cell_of(Metric.TODOS, name, day)
                sums[cell] = sums.get(cell, Sum()) + each
        return sums

    def _begun(self, todo: str) -> TodoJourney:
        return TodoJourney(generation=str(self.generation), todo_id=Id(todo))

    async def _add(self, cell: Cell, sum: Sum) -> None:
        series, board = places.series_of(self.generation, cell), places.board_of(self.generation, cell)
        tally = Tally(
            series=series, at=cell.at, board=board, name=cell.name, count=sum.count, total=sum.total
        )
        await self.tallies.within(series).add(tally)


def _journey(row: TodoJourney) -> Journey:
    moments = {
        Step.CREATED: row.created_at,
        Step.ATTACHED: row.attached_at,
        Step.COMPLETED: row.completed_at,
        Step.DELETED: row.deleted_at,
    }
    return {step: moment for step, moment in moments.items() if moment}


def _written(row: TodoJourney, journey: Journey) -> TodoJourney:
    row.created_at, row.attached_at = journey.get(Step.CREATED), journey.get(Step.ATTACHED)
    row.completed_at, row.deleted_at = journey.get(Step.COMPLETED), journey.get(Step.DELETED)
    return row
