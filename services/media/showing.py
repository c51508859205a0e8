"""How renditions are fetched: by addresses that are signed for whoever may read them."""

import base64

from services.media.delivery import Delivery
from services.media.limits import MediaKind
from services.media.owned import Images, Rendition, Video, Videos
from services.media.playlist import CONTENT_TYPE, addressed, named
from thestack import BlobReader, Part

showing = Part()
LARGEST_PLAYLIST = 1_000_000


@showing.field()
async def url(
    rendition: Rendition, /, *, images: BlobReader[Images], videos: BlobReader[Videos], delivery: Delivery
) -> str:
    """Where whoever has it may fetch the rendition, for a short time."""
    return await delivery.url(images if rendition.kind is MediaKind.IMAGE else videos, rendition.key)


@showing.field()
async def playlist(video: Video, /, *, videos: BlobReader[Videos], delivery: Delivery) -> str | None:
    """An HLS playlist to hand to a player, once the video is READY: its variants stand in it as data, and
    name their segments by signed addresses.
    """
    if video.hls is None:
        return None
    folder = f"{video.hls.rpartition('/')[0]}/"
    master = (await videos.get(video.hls, limit=LARGEST_PLAYLIST)).data.decode()
    variants: dict[str, str] = {}
    for name in named(master):
        variant = (await videos.get(folder + name, limit=LARGEST_PLAYLIST)).data.decode()
        pieces = named(variant)
        urls = await delivery.urls(videos, [folder + each for each in pieces], below=folder)
        text = addressed(variant, dict(zip(pieces, urls, strict=True)))
        variants[name] = f"data:{CONTENT_TYPE};base64,{base64.b64encode(text.encode()).decode()}"
    return addressed(master, variants)
