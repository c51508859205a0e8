"""Cuts what is to be sent into the requests that AWS takes."""

from collections.abc import Iterator, Sequence

MOST_ENTRIES = 10
LARGEST_REQUEST = 256 * 1024


def batches(bodies: Sequence[str], overhead: int = 512) -> Iterator[range]:
    """Ranges of indexes: at most 10 entries and 256 KB each, `overhead` bytes counted for each entry's
    envelope.

    A single body over the limit is a range of its own: the service refuses it, and says so.
    """
    first, size = 0, 0
    for number, body in enumerate(bodies):
        weight = len(body.encode()) + overhead
        if number > first and (number - first == MOST_ENTRIES or size + weight > LARGEST_REQUEST):
            yield range(first, number)
            first, size = number, 0
        size += weight
    if bodies:
        yield range(first, len(bodies))
