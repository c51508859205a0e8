"""The raw archive: events as they came, in compressed JSON lines by date and type, as Athena reads them.

An object's name says what is in it, so that the same events are the same object. Events may be in several
objects: readers tell them apart by their ids.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from services.analytics.domain.periods import day_of

AREA = "events"
SUFFIX = ".jsonl.gz"
TYPE = "application/gzip"
LARGEST = 16 * 1024 * 1024
"""No object of the archive is larger: it holds one batch of the bus's events."""
Line = Mapping[str, Any]
"""An event: its envelope, and its `data`."""


def objects(lines: Iterable[Line]) -> Iterator[tuple[str, bytes]]:
    """The objects to write for these events: keys, and contents."""
    shelves: dict[str, list[str]] = {}
    for line in lines:
        day = day_of(datetime.fromisoformat(line["time"])).isoformat()
        shelf = f"{AREA}/date={day}/type={quote(line['name'], safe='')}"
        written = json.dumps(line, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
        shelves.setdefault(shelf, []).append(written)
    for shelf, texts in sorted(shelves.items()):
        content = "".join(f"{text}\n" for text in sorted(texts)).encode()
        name = f"{len(texts):03}-{hashlib.sha256(content).hexdigest()[:32]}{SUFFIX}"
        yield f"{shelf}/{name}", gzip.compress(content, mtime=0)


def lines(content: bytes) -> Iterator[Line]:
    """The events of an object."""
    return (json.loads(line) for line in gzip.decompress(content).splitlines())


def number_of(key: str) -> int:
    """How many events an object holds, by its key."""
    return int(key.rpartition("/")[2].partition("-")[0])


def day_of_key(key: str) -> date:
    """The day of the events in an object, by its key."""
    return date.fromisoformat(key.partition("/date=")[2].partition("/")[0])
