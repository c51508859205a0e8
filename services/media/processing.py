"""What media hears: uploads that arrive, and how the work on them ends."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.media import transcoding
from services.media.limits import LIMITS, MediaKind
from services.media.moving import arrive, failed, ready, release
from services.media.owned import (
    AREAS,
    ORIGINALS,
    RENDITIONS,
    Clean,
    Image,
    Images,
    ImageUploaded,
    MediaFailed,
    MediaReady,
    MediaState,
    MediaUploaded,
    Render,
    Rendition,
    Transcode,
    Usage,
    Video,
    Videos,
    VideoUploaded,
    place,
)
from services.media.playlist import CONTENT_TYPE
from services.media.transcoding import Done, Failed, Refused, Transcoder, Work, outcome
from thestack import AwsEvent, Blobs, Clock, Function, Id, ObjectCreated, Part, Retry, Store

log = logging.getLogger(__name__)
processing = Part()
HLS = "hls"
PATIENT = Retry(attempts=5, first_delay=timedelta(seconds=2))
FOREVER = "private, max-age=31536000, immutable"
"""What browsers are told of renditions: there is never another one by the same key."""


class JobChanged(
    AwsEvent,
    source="aws.mediaconvert",
    detail_type="MediaConvert Job State Change",
    pattern={
        "status": ["STATUS_UPDATE", "COMPLETE", "ERROR", "CANCELED"],
        "userMetadata": {"environment": ["{environment}"], "media_id": [{"exists": True}]},
    },
):
    """How a transcoding job goes, at least once and in any order."""

    status: str
    job_id: str
    user_metadata: Mapping[str, str]
    error_code: int = 0
    error_message: str = ""
    job_progress: Mapping[str, Any] | None = None
    output_group_details: Sequence[Mapping[str, Any]] = ()

    @property
    def tenant(self) -> str:
        return self.user_metadata["tenant"]

    @property
    def detail(self) -> dict[str, Any]:
        """As AWS writes it."""
        return {
            "status": self.status,
            "jobId": self.job_id,
            "errorCode": self.error_code,
            "errorMessage": self.error_message,
            "jobProgress": self.job_progress,
            "outputGroupDetails": self.output_group_details,
        }


@processing.on(retry=PATIENT)
async def image_uploaded(
    event: ImageUploaded,
    /,
    *,
    images: Blobs[Images],
    all_images: Store[Image, MediaUploaded | MediaFailed | Render | Clean],
    usage: Store[Usage],
    clock: Clock,
) -> None:
    await take_in(event, MediaKind.IMAGE, Render, images, all_images, usage, clock)


@processing.on(retry=PATIENT)
async def video_uploaded(
    event: VideoUploaded,
    /,
    *,
    videos: Blobs[Videos],
    all_videos: Store[Video, MediaUploaded | MediaFailed | Transcode | Clean],
    usage: Store[Usage],
    clock: Clock,
) -> None:
    work = partial(Transcode, tenant=event.tenant)
    await take_in(event, MediaKind.VIDEO, work, videos, all_videos, usage, clock)


async def take_in(
    event: ObjectCreated,
    kind: MediaKind,
    work: Callable[..., Render | Transcode],
    blobs: Blobs[Any],
    uploads: Store[Any, Any],
    usage: Store[Usage],
    clock: Clock,
) -> None:
    """Take in what was uploaded, and have it worked on by the message that `work` makes, if it is kept."""
    _, owner_id, media_id = event.key.split("/")
    rows = uploads.owned_by(Id(owner_id))
    media: Image | Video | None = await rows.find(media_id)
    said = await arrive(event, media, kind, blobs, usage.owned_by(Id(owner_id)), clock)
    if media is not None and said is not None:
        following = [work(media_id=media.id, owner_id=media.owner_id)]
        await rows.put(media, emit=[*said, *(following if media.state is MediaState.PROCESSING else ())])


@processing.queue(
    retry=PATIENT,
    batch=1,
    function=Function(memory=1024, timeout=timedelta(minutes=1), requirements="imaging.txt"),
)
async def render(
    message: Render,
    /,
    *,
    images: Blobs[Images],
    all_images: Store[Image, MediaReady | MediaFailed | Clean],
    usage: Store[Usage],
    clock: Clock,
) -> None:
    from services.media.imaging import Unreadable
    from services.media.imaging import render as rendered_of

    rows = all_images.owned_by(message.owner_id)
    image = await rows.find(message.media_id)
    if image is None:
        await wipe(images, message.owner_id, message.media_id)
        return
    if image.state is not MediaState.PROCESSING:
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "original"
        original = place(ORIGINALS, image.owner_id, image.id)
        await images.download(original, file, limit=LIMITS[MediaKind.IMAGE].size)
        try:
            found = await asyncio.to_thread(rendered_of, file)
            if found.content_type != image.content_type:
                announced = f"and was announced as {image.content_type}"
                raise Unreadable(f"The file is {found.content_type}, {announced}.")
        except Unreadable as wrong:
            await release(image, MediaKind.IMAGE, usage.owned_by(image.owner_id))
            await rows.put(image, emit=failed(image, MediaKind.IMAGE, str(wrong), clock))
            return
    renditions: list[Rendition] = []
    for each in found.renditions:
        key = f"{place(RENDITIONS, image.owner_id, image.id)}/{each.name}.webp"
        await images.put(key, each.data, content_type="image/webp", cache_control=FOREVER)
        renditions.append(
            Rendition(
                name=each.name,
                content_type="image/webp",
                width=each.width,
                height=each.height,
                kind=MediaKind.IMAGE,
                key=key,
            )
        )
    size = (found.width, found.height)
    await rows.put(image, emit=ready(image, MediaKind.IMAGE, size, renditions, clock))


@processing.queue(retry=PATIENT, batch=1, function=Function(memory=1024, timeout=timedelta(minutes=5)))
async def transcode(
    message: Transcode,
    /,
    *,
    videos: Blobs[Videos],
    all_videos: Store[Video, MediaFailed | Clean],
    usage: Store[Usage],
    transcoder: Transcoder,
    clock: Clock,
) -> None:
    """Start the work; how it ends is told by `job_changed`."""
    rows = all_videos.owned_by(message.owner_id)
    video = await rows.find(message.media_id)
    if video is None or video.state is not MediaState.PROCESSING:
        return
    work = Work(
        media_id=video.id,
        owner_id=video.owner_id,
        tenant=message.tenant,
        environment=os.environ.get("THESTACK_ENVIRONMENT", ""),
        source=videos.location(place(ORIGINALS, video.owner_id, video.id)).uri,
        destination=videos.location(f"{place(RENDITIONS, video.owner_id, video.id)}/").uri,
    )
    try:
        await transcoder.start(work)
    except Refused as refused:
        await release(video, MediaKind.VIDEO, usage.owned_by(video.owner_id))
        await rows.put(video, emit=failed(video, MediaKind.VIDEO, str(refused), clock))


@processing.on(retry=PATIENT)
async def job_changed(
    event: JobChanged,
    /,
    *,
    videos: Blobs[Videos],
    all_videos: Store[Video, MediaReady | MediaFailed | Clean],
    usage: Store[Usage],
    clock: Clock,
) -> None:
    owner_id, media_id = (Id(event.user_metadata[name]) for name in ("owner_id", "media_id"))
    rows, now = all_videos.owned_by(owner_id), outcome(event.detail)
    video = await rows.find(media_id)
    if video is None:
        if isinstance(now, Done):
            await wipe(videos, owner_id, media_id)
        return
    if video.state is not MediaState.PROCESSING:
        return
    match now:
        case Done():
            base = f"{place(RENDITIONS, owner_id, media_id)}/"
            made = _renditions(now, base, videos.location(base).uri)
            video.duration, video.progress = now.duration, 100
            video.hls = next((each.key for each in made if each.name == HLS), None)
            shown = [each for each in made if each.name != HLS]
            size = (now.width, now.height)
            await rows.put(video, emit=ready(video, MediaKind.VIDEO, size, shown, clock))
        case Failed():
            log.warning("the transcoding of %s failed: %s", media_id, now.detail)
            await release(video, MediaKind.VIDEO, usage.owned_by(owner_id))
            await rows.put(video, emit=failed(video, MediaKind.VIDEO, now.reason, clock))
        case _:
            if now.percent is not None and now.percent > (video.progress or 0):
                video.progress = now.percent
                await rows.put(video)


@processing.queue(retry=PATIENT)
async def clean(message: Clean, /, *, images: Blobs[Images], videos: Blobs[Videos]) -> None:
    blobs = images if message.kind is MediaKind.IMAGE else videos
    await wipe(blobs, message.owner_id, message.media_id)


async def wipe(blobs: Blobs[Any], owner_id: Id, media_id: Id) -> None:
    """Delete every object of an upload, with all versions."""
    for area in AREAS:
        await blobs.delete_all(place(area, owner_id, media_id))


def _renditions(done: Done, base: str, uri: str) -> list[Rendition]:
    """What a job made; `base` begins the keys of what it made, and `uri` their addresses."""
    made = [(_name(each), each.uri, each.width, each.height) for each in done.renditions]
    if done.poster:
        made.append(("poster", done.poster, done.width, done.height))
    types = {".mp4": "video/mp4", ".m3u8": CONTENT_TYPE, ".jpg": "image/jpeg"}
    return [
        Rendition(
            name=name,
            content_type=types[Path(address).suffix],
            width=width,
            height=height,
            kind=MediaKind.VIDEO,
            key=f"{base}{address.removeprefix(uri)}",
        )
        for name, address, width, height in made
    ]


def _name(made: transcoding.Rendition) -> str:
    """The quality, "small" of ".../mp4/video-small.mp4"; of what is in pieces, "hls"."""
    return HLS if made.kind == "HLS" else Path(made.uri).stem.rpartition("-")[2]
