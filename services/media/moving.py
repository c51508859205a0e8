"""How an upload moves from state to state. The states only go forward, and READY and FAILED are ends."""

from typing import Any

from services.media.limits import FAILURE_TOLD, LIMITS, Kept, MediaKind, refusal
from services.media.owned import (
    ORIGINALS,
    Clean,
    Image,
    MediaFailed,
    MediaReady,
    MediaState,
    MediaUploaded,
    Rendition,
    Usage,
    Video,
    place,
)
from thestack import Blobs, Clock, NoBlob, ObjectCreated, Owned


async def arrive(
    event: ObjectCreated,
    media: Image | Video | None,
    kind: MediaKind,
    blobs: Blobs[Any],
    usage: Owned[Usage],
    clock: Clock,
) -> list[MediaUploaded | MediaFailed | Clean] | None:
    """Take in what was uploaded: `media` is PROCESSING then, or FAILED with the reason, and this is to be
    said. None where there is nothing to say: nobody waits for it, or it came before.
    """
    if media is None:
        await blobs.delete_all(event.key)
        return None
    if media.state is not MediaState.AWAITING_UPLOAD:
        return None
    row = await usage.find(kind) or Usage(kind=kind, owner_id=media.owner_id)
    if reason := refusal(LIMITS[kind], Kept(row.count, int(row.bytes)), event.size):
        return [*failed(media, kind, reason, clock)]
    original = place(ORIGINALS, media.owner_id, media.id)
    try:
        await blobs.copy(event.key, original, content_type=media.content_type, etag=event.etag)
    except NoBlob:  # another upload by the same form took its place, which is told as well
        return None
    row.count, row.bytes = row.count + 1, row.bytes + event.size
    await usage.put(row)
    media.state, media.size, media.gone_at = MediaState.PROCESSING, event.size, None
    uploaded = MediaUploaded(
        media_id=media.id, owner_id=media.owner_id, kind=kind, bytes=event.size, uploaded_at=clock.now()
    )
    return [uploaded]


def ready(
    media: Image | Video, kind: MediaKind, size: tuple[int, int], renditions: list[Rendition], clock: Clock
) -> MediaReady:
    """`media` is READY, which is to be said: `size` is its width and height."""
    media.state, media.renditions = MediaState.READY, renditions
    media.width, media.height = size
    return MediaReady(media_id=media.id, owner_id=media.owner_id, kind=kind, ready_at=clock.now())


def failed(media: Image | Video, kind: MediaKind, reason: str, clock: Clock) -> tuple[MediaFailed, Clean]:
    """`media` is FAILED, which is to be said. Its objects go, and after a while it does."""
    media.state, media.reason, media.gone_at = MediaState.FAILED, reason, clock.now() + FAILURE_TOLD
    said = MediaFailed(
        media_id=media.id, owner_id=media.owner_id, kind=kind, reason=reason, failed_at=clock.now()
    )
    return said, Clean(media_id=media.id, owner_id=media.owner_id, kind=kind)


async def release(media: Image | Video, kind: MediaKind, usage: Owned[Usage]) -> None:
    """Count the owner's upload no longer."""
    if row := await usage.find(kind):
        row.count, row.bytes = max(row.count - 1, 0), max(row.bytes - media.size, 0)
        await usage.put(row)
