"""What media owns and says: images and videos, the buckets that they lie in, and what becomes of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from services.media.limits import MediaKind
from thestack import (
    Bucket,
    Entity,
    Event,
    Filter,
    Id,
    Index,
    Interface,
    Message,
    ObjectCreated,
    OneOf,
    Value,
    inaccessible,
)

# The areas of both buckets. Renditions and originals lie apart from uploads: what is made is not heard of,
# and a form that is posted again changes nothing that was looked at.
UPLOADS, ORIGINALS, RENDITIONS = "uploads", "originals", "renditions"
AREAS = (UPLOADS, ORIGINALS, RENDITIONS)


class MediaState(StrEnum):
    AWAITING_UPLOAD = "AWAITING_UPLOAD"
    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"


class Images(Bucket, name="images", browser=True, versioned=True, expires={UPLOADS: timedelta(days=1)}):
    """Images as they were sent, and their renditions."""


class Videos(Bucket, name="videos", browser=True, versioned=True, expires={UPLOADS: timedelta(days=1)}):
    """Videos as they were sent, and their renditions."""


class ImageUploaded(ObjectCreated, bucket=Images, area=UPLOADS): ...


class VideoUploaded(ObjectCreated, bucket=Videos, area=UPLOADS): ...


class Rendition(Value):
    """What was made of an upload: "thumb", "medium" and "large" of an image; of a video its "poster", and
    "small" and "large" as MP4.
    """

    name: str
    content_type: str
    width: int
    height: int
    kind: Annotated[MediaKind, inaccessible]
    key: Annotated[str, inaccessible]


class Media(Interface, refs=["id"]):
    """What a user uploaded. `reason` says why it FAILED; `size` is in bytes. Before it is READY, `size` and
    `contentType` are what was announced.
    """

    id: Id
    owner_id: Id
    state: MediaState
    content_type: str
    size: int
    created_at: datetime
    reason: str | None = None
    width: int | None = None
    height: int | None = None
    renditions: Sequence[Rendition] = ()


class Image(Entity, Media, key="id", owner="owner_id", expires="gone_at"):
    """A picture: JPEG, PNG, WebP or GIF."""

    gone_at: Annotated[datetime | None, inaccessible] = None
    by_time = Index("owner_id", "created_at", sort=datetime)
    by_state = Index("owner_id", "state", "created_at", sort=datetime)


class Video(Entity, Media, key="id", owner="owner_id", expires="gone_at"):
    """A video. `duration` is in seconds, `progress` in percent while it is PROCESSING."""

    duration: float | None = None
    progress: int | None = None
    hls: Annotated[str | None, inaccessible] = None
    gone_at: Annotated[datetime | None, inaccessible] = None
    by_time = Index("owner_id", "created_at", sort=datetime)
    by_state = Index("owner_id", "state", "created_at", sort=datetime)


class Usage(Entity, key="kind", owner="owner_id", directives=[inaccessible]):
    """What an owner keeps of one kind, since it arrived until it fails or is deleted."""

    kind: MediaKind
    owner_id: Id
    count: int = 0
    bytes: float = 0  # GraphQL's Int ends at two gigabytes


class BegunImages(Filter[Image]):
    state: OneOf[MediaState] | None = None


class BegunVideos(Filter[Video]):
    state: OneOf[MediaState] | None = None


class MediaUploaded(Event, name="media.uploaded", version=1):
    media_id: Id
    owner_id: Id
    kind: MediaKind
    bytes: int
    uploaded_at: datetime


class MediaReady(Event, name="media.ready", version=1):
    media_id: Id
    owner_id: Id
    kind: MediaKind
    ready_at: datetime


class MediaFailed(Event, name="media.failed", version=1):
    media_id: Id
    owner_id: Id
    kind: MediaKind
    reason: str
    failed_at: datetime


class MediaDeleted(Event, name="media.deleted", version=1):
    media_id: Id
    owner_id: Id
    kind: MediaKind
    deleted_at: datetime


class Render(Message, queue="rendering"):
    media_id: Id
    owner_id: Id


class Transcode(Message, queue="transcoding"):
    media_id: Id
    owner_id: Id
    tenant: str


class Clean(Message, queue="cleaning"):
    """Delete every object of an upload."""

    media_id: Id
    owner_id: Id
    kind: MediaKind


def place(area: str, owner_id: Id, media_id: Id) -> str:
    """The key of an upload's object in an area, or with which the keys of its renditions begin."""
    return f"{area}/{owner_id}/{media_id}"
