"""Transactions that lost to another one: tried again in the process, a moment later."""

import asyncio
import random

LONGEST = 0.02
"""Seconds that are waited at most at first; after each further try it may be twice as long."""


async def give_way(tried: int) -> None:
    """Wait before the next try, for a random while, so that those who met once don't meet again.

    `tried` counts the tries so far.
    """
    await asyncio.sleep(random.uniform(0, LONGEST * 2**tried))  # noqa: S311 - jitter, no secret
