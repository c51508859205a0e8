"""Media: images and videos that users upload straight into buckets, and what is made of them."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from services.media.delivery import Delivery
from services.media.here import delivery_here, transcoder_here
from services.media.limits import (
    AWAITED,
    BEGUN,
    LIMITS,
    UPLOAD_WITHIN,
    Kept,
    MediaKind,
    refusal,
)
from services.media.merging import cursors_of, merged
from services.media.moving import release
from services.media.owned import (
    ORIGINALS,
    UPLOADS,
    BegunImages,
    BegunVideos,
    Clean,
    Image,
    Images,
    Media,
    MediaDeleted,
    MediaState,
    Usage,
    Video,
    Videos,
    place,
)
from services.media.processing import processing
from services.media.showing import showing
from services.media.transcoding import Transcoder
from thestack import (
    BlobReader,
    Blobs,
    Caller,
    Clock,
    Connection,
    Function,
    Id,
    NotFound,
    OneOf,
    Owned,
    Page,
    Permission,
    PresignedPost,
    Problem,
    Secret,
    Service,
    Value,
    new_id,
    parameter,
    signed_in,
)

service = Service("media", function=Function(requirements="delivery.txt"))
service.include(processing, showing)


class FormField(Value):
    name: str
    value: str


class UploadForm(Value):
    """A form by which a file is uploaded until it expires: posted to `url` as multipart/form-data, the
    `fields` first, then the file as `file`.
    """

    media_id: Id
    url: str
    fields: list[FormField]
    expires_at: datetime


class TypeRefused(Problem, code="MEDIA_TYPE_REFUSED"):
    """Files of this type are not taken."""


class OverLimit(Problem, code="MEDIA_OVER_LIMIT"):
    """It would be more than one upload, or one user, may have."""


@service.provide(
    permissions=[
        Permission(
            "mediaconvert:CreateJob",
            on=["arn:aws:mediaconvert:{region}:{account}:queues/{environment}-media"],
        )
    ]
)
def transcoder() -> Transcoder:
    return transcoder_here()


@service.provide()
def delivery(*, key: Annotated[Secret, parameter("delivery-key")], clock: Clock) -> Delivery:
    return delivery_here(key, clock)


@service.mutation(allow=signed_in)
async def request_upload(
    kind: MediaKind,
    content_type: str,
    bytes: int,
    *,
    images: Blobs[Images],
    videos: Blobs[Videos],
    my_images: Owned[Image],
    my_videos: Owned[Video],
    usage: Owned[Usage],
    caller: Caller,
    clock: Clock,
) -> UploadForm:
    """Begin an upload of at most so many `bytes`. Once S3 says that it came, its state moves."""
    limit = LIMITS[kind]
    if content_type not in limit.types:
        raise TypeRefused(f"{content_type} is not taken; {', '.join(sorted(limit.types))} are.")
    begun = await _begun(kind, my_images, my_videos)
    if len(begun) >= BEGUN:
        raise OverLimit(f"{BEGUN} uploads are begun and not finished: finish them first.")
    row = await usage.find(kind) or Usage(kind=kind, owner_id=caller.id)
    kept = Kept(row.count + len(begun), int(row.bytes) + sum(each.size for each in begun))
    if reason := refusal(limit, kept, bytes):
        raise OverLimit(reason)
    id, now = new_id(), clock.now()
    made: dict[str, Any] = {
        "id": id,
        "owner_id": caller.id,
        "state": MediaState.AWAITING_UPLOAD,
        "content_type": content_type,
        "size": bytes,
        "created_at": now,
        "gone_at": now + AWAITED,
    }
    form: PresignedPost
    key = place(UPLOADS, caller.id, id)
    if kind is MediaKind.IMAGE:
        await my_images.put(Image(**made))
        form = await images.sign_upload(
            key, content_type=content_type, size=(1, bytes), expires=UPLOAD_WITHIN
        )
    else:
        await my_videos.put(Video(**made))
        form = await videos.sign_upload(
            key, content_type=content_type, size=(1, bytes), expires=UPLOAD_WITHIN
        )
    fields = [FormField(name=name, value=value) for name, value in form.fields.items()]
    return UploadForm(media_id=id, url=form.url, fields=fields, expires_at=now + UPLOAD_WITHIN)


@service.query(allow=signed_in)
async def media(id: Id, *, my_images: Owned[Image], my_videos: Owned[Video]) -> Media:
    return await _mine(id, my_images, my_videos)


@service.query(allow=signed_in)
async def my_media(page: Page, *, my_images: Owned[Image], my_videos: Owned[Video]) -> Connection[Media]:
    """Images and videos of the caller, latest first."""
    after = cursors_of(page.after, 2)
    images, videos = await asyncio.gather(
        my_images.page(Image.by_time.descending(), Page(page.first, after[0])),
        my_videos.page(Video.by_time.descending(), Page(page.first, after[1])),
    )
    pages: list[Connection[Any]] = [images, videos]
    return merged(pages, after, page.first, lambda each: each.created_at)


@service.mutation(allow=signed_in)
async def delete_media(
    id: Id,
    *,
    my_images: Owned[Image, MediaDeleted | Clean],
    my_videos: Owned[Video, MediaDeleted | Clean],
    usage: Owned[Usage],
    clock: Clock,
) -> Media:
    """Delete an upload and answer it as it was. Its files are deleted soon after."""
    found = await _mine(id, my_images, my_videos)
    kind = MediaKind.IMAGE if isinstance(found, Image) else MediaKind.VIDEO
    if found.state in {MediaState.PROCESSING, MediaState.READY}:
        await release(found, kind, usage)
    deleted = MediaDeleted(media_id=id, owner_id=found.owner_id, kind=kind, deleted_at=clock.now())
    said = (deleted, Clean(media_id=id, owner_id=found.owner_id, kind=kind))
    if isinstance(found, Image):
        await my_images.delete(found, emit=said)
    else:
        await my_videos.delete(found, emit=said)
    return found


@service.field()
async def url(
    media: Media, /, *, images: BlobReader[Images], videos: BlobReader[Videos], delivery: Delivery
) -> str | None:
    """Where whoever has it may fetch the file as it was sent, for a short time, once it is READY."""
    if media.state is not MediaState.READY:
        return None
    blobs = images if isinstance(media, Image) else videos
    return await delivery.url(blobs, place(ORIGINALS, media.owner_id, media.id))


async def _mine(id: Id, images: Owned[Image, Any], videos: Owned[Video, Any]) -> Image | Video:
    """The upload of this id, of whichever kind. Raises `NotFound`."""
    image, video = await asyncio.gather(images.find(id), videos.find(id))
    if found := image or video:
        return found
    raise NotFound("There is no upload with this id.")


async def _begun(kind: MediaKind, images: Owned[Image], videos: Owned[Video]) -> list[Image] | list[Video]:
    """The uploads of a kind that are awaited, up to one more than there may be."""
    most, awaited = Page(BEGUN + 1), OneOf[MediaState](eq=MediaState.AWAITING_UPLOAD)
    if kind is MediaKind.IMAGE:
        return (await images.page(Image.by_state, most, where=BegunImages(state=awaited))).nodes
    return (await videos.page(Video.by_state, most, where=BegunVideos(state=awaited))).nodes
