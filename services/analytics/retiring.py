"""Lets the rows of an old generation expire, some at a time: the archive says of which days there are any."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from services.analytics import places
from services.analytics.domain import archive as lines
from services.analytics.domain.counting import Metric
from services.analytics.domain.periods import Granularity, begin
from services.analytics.rows import Archive, Score, Tally, TodoJourney
from thestack import BlobReader, Page, Store

AT_ONCE = 90
JOURNEYS = "journeys"
"""After this there is nothing."""


async def expire_some(
    generation: int,
    after: str,
    archive: BlobReader[Archive],
    tallies: Store[Tally],
    scores: Store[Score],
    journeys: Store[TodoJourney],
    now: datetime,
) -> str | None:
    """Let some rows of a generation expire; answers where to go on, or None where nothing is left."""
    if after == JOURNEYS:
        rows = journeys.within(str(generation))
        there = (await rows.page(page=Page(first=AT_ONCE))).nodes
        for row in there:
            row.expires_at = now
            await rows.put(row)
        return JOURNEYS if there else None
    day = await _first_day(archive, after)
    if day is None:
        return JOURNEYS
    expired = 0
    for board in _boards(generation, day):
        expired += await _expire(board, AT_ONCE - expired, tallies, scores, now)
        if expired == AT_ONCE:
            return after
    return f"{lines.AREA}/date={day.isoformat()}/~"


async def _first_day(archive: BlobReader[Archive], after: str) -> date | None:
    async for each in archive.each(f"{lines.AREA}/", after=after):
        return lines.day_of_key(each.key)
    return None


def _boards(generation: int, day: date) -> Iterator[str]:
    """All of the periods that a day is in; a todo was created a moment before that was said."""
    for granularity in Granularity:
        for at in sorted({begin(granularity, day), begin(granularity, day - timedelta(days=1))}):
            yield from (places.board(generation, metric, granularity, at) for metric in Metric)


async def _expire(board: str, most: int, tallies: Store[Tally], scores: Store[Score], now: datetime) -> int:
    page = Page(first=most)
    listed = (await tallies.within(board).page(Tally.by_name, page)).nodes
    for tally in listed:
        tally.expires_at = now
        await tallies.within(tally.series).put(tally)
    scored = (await scores.within(board).page(page=Page(first=most - len(listed)))).nodes
    for score in scored:
        score.expires_at = now
        await scores.within(board).put(score)
    return len(listed) + len(scored)
