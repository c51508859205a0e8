"""Builds the projections anew from the archive, in parts by a queue, while live events go on being counted.

A new generation is counted beside the one that is read, and takes its place when all of the archive is in it.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from services.analytics.domain import archive as lines
from services.analytics.domain.counting import fitting
from services.analytics.heard import fact_of
from services.analytics.projecting import Projections
from services.analytics.recording import event_of
from services.analytics.retiring import expire_some
from services.analytics.rows import (
    STAFF,
    THE_ONE,
    Archive,
    CountedEvent,
    Generations,
    Rebuild,
    RebuildCount,
    Score,
    Tally,
    TodoJourney,
)
from thestack import BlobReader, Clock, Message, Part, Problem, Retry, Store

rebuilding = Part()
PARTS_AT_ONCE = 50
EVENTS_IN_A_PART = 10
SOONEST_CHECK, LATEST_CHECK = timedelta(seconds=1), timedelta(minutes=5)
UNTIL_RETIRED = timedelta(minutes=15)
"""After that nobody counts in an old generation any more who began to while it was live."""


class Task(StrEnum):
    """What is to be done: look for objects in the archive, count what is in some, see whether all is done;
    let go of the rows of an old generation.
    """

    PLAN = "PLAN"
    REPLAY = "REPLAY"
    CHECK = "CHECK"
    RETIRE = "RETIRE"


class RebuildTask(Message, queue="rebuild"):
    """A part of a rebuild. A plan, or what is retired, goes on `behind` a key; of the objects
    with these `keys` the first `skip` events were counted already. `retired` is the old generation.
    """

    task: Task
    generation: int
    behind: str = ""
    keys: list[str] = Field(default_factory=list)
    skip: int = 0
    retired: int = 0


class RebuildRunning(Problem, code="REBUILD_RUNNING"):
    """The projections are being built already."""


@rebuilding.mutation(allow=STAFF)
async def rebuild_projections(
    abandon: bool = False,
    *,
    generations: Store[Generations],
    rebuilds: Store[Rebuild, RebuildTask],
    clock: Clock,
) -> Rebuild:
    """Begin to count all of the archive anew. What is read changes once that is done.

    While a rebuild runs there is no other, unless it is abandoned for this one.
    """
    rows = generations.within(THE_ONE)
    there = await rows.find() or Generations(id=THE_ONE)
    abandoned = there.building
    if abandoned is not None and not abandon:
        raise RebuildRunning
    there.last += 1
    there.building = there.last
    await rows.put(there)
    first = [
        RebuildTask(task=Task.PLAN, generation=there.last),
        RebuildTask(task=Task.CHECK, generation=there.last).after(SOONEST_CHECK),
    ]
    if abandoned is not None:
        first.append(_retirement(there.last, abandoned).after(UNTIL_RETIRED))
    rebuild = Rebuild(generation=there.last, started_at=clock.now())
    return await rebuilds.within(there.last).put(rebuild, emit=first)


@rebuilding.query(allow=STAFF)
async def rebuild(*, generations: Store[Generations], rebuilds: Store[Rebuild]) -> Rebuild | None:
    """The last rebuild, if there was one."""
    there = await generations.within(THE_ONE).find()
    return await rebuilds.within(there.last).find() if there else None


@rebuilding.field()
async def progress(rebuild: Rebuild, /, *, counts: Store[RebuildCount]) -> RebuildCount:
    """How much of it is done, so far as it is known how much there is."""
    rows = counts.within(rebuild.generation)
    return await rows.find() or RebuildCount(generation=rebuild.generation)


@rebuilding.queue(cyclic=True, hops=10_000_000, retry=Retry(attempts=5))
async def rebuild_part(
    task: RebuildTask,
    /,
    *,
    archive: BlobReader[Archive],
    generations: Store[Generations],
    rebuilds: Store[Rebuild, RebuildTask],
    counts: Store[RebuildCount],
    tallies: Store[Tally],
    scores: Store[Score],
    journeys: Store[TodoJourney],
    counted: Store[CountedEvent],
    clock: Clock,
) -> None:
    """Do one task of a rebuild; of one that was abandoned, nothing."""
    there, rows = await generations.within(THE_ONE).get(), rebuilds.within(task.generation)
    rebuild, count = await rows.get(), RebuildCount(generation=task.generation)
    following: list[RebuildTask] = []
    if task.task is Task.RETIRE:
        after = await expire_some(task.retired, task.behind, archive, tallies, scores, journeys, clock.now())
        following = [_retirement(task.generation, task.retired, after)] if after is not None else []
    elif there.building != task.generation:
        return
    elif task.task is Task.PLAN:
        following = await _planned(task, archive)
        rebuild.planned = not any(each.task is Task.PLAN for each in following)
        count.sent = sum(each.task is Task.REPLAY for each in following)
    elif task.task is Task.REPLAY:
        facts = [fact_of(event_of(line)) for line in await _lines(task, archive)]
        now = fitting(facts[task.skip :])
        projections = Projections(task.generation, tallies, scores, journeys, counted)
        count.events, count.done = await projections.count(now, clock.now()), 1
        if task.skip + len(now) < len(facts):
            rest = RebuildTask(
                task=Task.REPLAY, generation=task.generation, keys=task.keys, skip=task.skip + len(now)
            )
            following, count.sent = [rest], 1
    else:
        done = await counts.within(task.generation).find() or count
        if rebuild.planned and done.done == done.sent:
            following = [_retirement(task.generation, there.live).after(UNTIL_RETIRED)]
            there.live, there.building, rebuild.switched_at = task.generation, None, clock.now()
            await generations.within(THE_ONE).put(there)
        else:
            rebuild.checks += 1
            wait = min(SOONEST_CHECK * 2 ** min(rebuild.checks // 10, 10), LATEST_CHECK)
            following = [RebuildTask(task=Task.CHECK, generation=task.generation).after(wait)]
    if count != RebuildCount(generation=task.generation):
        await counts.within(task.generation).add(count)
    if following or task.task is Task.PLAN:
        await rows.put(rebuild, emit=following)


async def _planned(task: RebuildTask, archive: BlobReader[Archive]) -> list[RebuildTask]:
    """The parts in which the next objects of the archive are counted, and the plan of what is behind them."""
    parts: list[list[str]] = []
    events = 0
    async for each in archive.each(f"{lines.AREA}/", after=task.behind):
        here = lines.number_of(each.key)
        if not parts or events + here > EVENTS_IN_A_PART:
            if len(parts) == PARTS_AT_ONCE:
                more = RebuildTask(task=Task.PLAN, generation=task.generation, behind=parts[-1][-1])
                break
            parts.append([])
            events = 0
        parts[-1].append(each.key)
        events += here
    else:
        more = None
    replays = [RebuildTask(task=Task.REPLAY, generation=task.generation, keys=keys) for keys in parts]
    return [*replays, more] if more else replays


async def _lines(task: RebuildTask, archive: BlobReader[Archive]) -> Sequence[lines.Line]:
    blobs = [await archive.get(key, limit=lines.LARGEST) for key in task.keys]
    return [line for blob in blobs for line in lines.lines(blob.data)]


def _retirement(generation: int, retired: int, behind: str = "") -> RebuildTask:
    return RebuildTask(task=Task.RETIRE, generation=generation, retired=retired, behind=behind)
