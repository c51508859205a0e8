"""One list of two: pages of both kinds by one order."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import merge
from typing import TypeVar

from pydantic import TypeAdapter

from thestack import BadInput, Connection, Cursor, Edge

N = TypeVar("N")
PLACES = TypeAdapter(list[Cursor | None])
Cursors = tuple[Cursor | None, ...]
"""Where each list goes on; None where it begins."""


def cursors_of(after: Cursor | None, lists: int) -> Cursors:
    """Where each of so many lists goes on, by a cursor of `merged`. Raises `BadInput` for another."""
    if after is None:
        return (None,) * lists
    try:
        found = PLACES.validate_json(base64.urlsafe_b64decode(after))
    except ValueError:  # no base64, no JSON, or of something else
        found = []
    if len(found) != lists:
        raise BadInput("This is no cursor of this list.", field=("after",))
    return tuple(found)


def merged(
    pages: Sequence[Connection[N]], after: Cursors, first: int, latest: Callable[[N], datetime]
) -> Connection[N]:
    """The first nodes of all pages, latest first. Each page must have `first` nodes, or all that there are.

    Example: `merged([images, videos], cursors_of(page.after, 2), page.first, lambda each: each.created_at)`.
    """
    numbered = [[(number, edge) for edge in page.edges] for number, page in enumerate(pages)]
    ordered = list(merge(*numbered, key=lambda each: latest(each[1].node), reverse=True))
    places, edges = list(after), list[Edge[N]]()
    for number, edge in ordered[:first]:
        places[number] = edge.cursor
        edges.append(Edge(_cursor(places), edge.node))
    has_more = len(ordered) > first or any(page.has_next_page for page in pages)
    end = edges[-1].cursor if edges else None
    return Connection(edges, has_more, end, any(after))


def _cursor(places: Sequence[Cursor | None]) -> Cursor:
    return Cursor(base64.urlsafe_b64encode(json.dumps(places).encode()).decode())
