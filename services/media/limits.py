"""What may be uploaded: how large, of which types, and how much one user may keep."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class MediaKind(StrEnum):
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


@dataclass(frozen=True, slots=True)
class Limit:
    """For one kind: `size` are the most bytes of one upload; `count` and `total` are how many, and how many
    bytes of all together, one owner may keep; `types` are the content types that are taken.
    """

    size: int
    count: int
    total: int
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """How many an owner keeps, and their bytes."""

    count: int = 0
    bytes: int = 0


MB = 1_000_000
LIMITS = {
    MediaKind.IMAGE: Limit(
        20 * MB, 1000, 2000 * MB, frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
    ),
    MediaKind.VIDEO: Limit(
        1000 * MB,
        50,
        10_000 * MB,
        frozenset({"video/mp4", "video/quicktime", "video/webm", "video/x-matroska"}),
    ),
}
BEGUN = 20
"""How many uploads of one kind a user may have begun, and not finished."""
UPLOAD_WITHIN = timedelta(minutes=15)
"""How long a form can be posted."""
AWAITED = timedelta(hours=1)
"""When an upload that did not come is given up: after its form has expired, and S3 had time to say so."""
FAILURE_TOLD = timedelta(days=7)
"""How long an upload that failed is shown with its reason."""


def refusal(limit: Limit, kept: Kept, size: int) -> str | None:
    """Why one more upload of `size` bytes may not be kept beside what is; None if it may.

    Example: `refusal(LIMITS[MediaKind.IMAGE], Kept(), 0)` is "The file is empty.".
    """
    if size < 1:
        return "The file is empty."
    if size > limit.size:
        return f"The file has {size} bytes, and may have {limit.size} at most."
    if kept.count >= limit.count:
        return f"There are {kept.count} of its kind already, and there may be {limit.count} at most."
    if kept.bytes + size > limit.total:
        return f"All of its kind together would have more than {limit.total} bytes."
    return None
