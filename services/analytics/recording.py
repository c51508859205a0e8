"""Hears every event: archives it, then counts it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from services.analytics.domain import archive as lines
from services.analytics.heard import fact_of
from services.analytics.projecting import Projections
from services.analytics.rows import (
    THE_ONE,
    Archive,
    CountedEvent,
    Generations,
    Score,
    Tally,
    TodoJourney,
)
from thestack import AnyEvent, Blobs, Clock, Part, Store

recording = Part()


@recording.on(batch=10)
async def count(
    events: Sequence[AnyEvent],
    /,
    *,
    archive: Blobs[Archive],
    generations: Store[Generations],
    tallies: Store[Tally],
    scores: Store[Score],
    journeys: Store[TodoJourney],
    counted: Store[CountedEvent],
    clock: Clock,
) -> None:
    """Archive the events, then count them in each generation there is.

    In this order a rebuild misses nothing: what it does not find in the archive yet is counted here in what
    it builds.
    """
    written = lines.objects(line_of(each) for each in events)
    await asyncio.gather(*(archive.put(key, content, content_type=lines.TYPE) for key, content in written))
    there = await generations.within(THE_ONE).find() or Generations(id=THE_ONE)
    facts = [fact_of(each) for each in events]
    for generation in filter(None, (there.live, there.building)):
        projections = Projections(generation, tallies, scores, journeys, counted)
        await projections.count(facts, clock.now())


def line_of(event: AnyEvent) -> lines.Line:
    """The event as the archive has it."""
    return {
        "id": event.id,
        "name": event.name,
        "version": event.version,
        "source": event.source,
        "subject": event.subject,
        "time": event.time.isoformat(),
        "tenant": event.tenant,
        "data": dict(event.data),
    }


def event_of(line: lines.Line) -> AnyEvent:
    """The event that a line of the archive is."""
    return AnyEvent(
        id=line["id"],
        name=line["name"],
        version=line["version"],
        source=line["source"],
        subject=line["subject"],
        time=datetime.fromisoformat(line["time"]),
        tenant=line["tenant"],
        data=line["data"],
    )
