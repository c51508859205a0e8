"""Renditions of an image that somebody sent: upright, in sRGB, and without anything but pixels.

Nobody but the function that renders loads this module: Pillow is in that function's bundle alone.
"""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError

from services.media.colours import Prepare, preparing

SIDES = {"large": 2048, "medium": 1024, "thumb": 256}
"""The renditions, each with the most pixels of its longer side. A small image is not enlarged."""
MOST_PIXELS = 50_000_000
"""More is a decompression bomb, or no picture for a browser. The function's memory is sized for it."""
QUALITY = 80
MOST_SCANS = 100
"""A progressive JPEG has about 10. Each takes the time of the whole image, however small its bytes are."""

_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG with further images behind the first
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}
_DAMAGED = (  # what Pillow's decoders make of wrong bytes
    EOFError,
    IndexError,
    KeyError,
    OSError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_START_OF_SCAN = b"\xff\xda"
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LIES_ON_ITS_SIDE = 5  # this EXIF orientation and all above it
_STRIP_ROWS = 128
_LANCZOS_SUPPORT = 3

Size = tuple[int, int]


class Unreadable(Exception):
    """The file can't be rendered, and never will be. The message is for who sent it: "The file is empty."."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One rendition: `data` is a WebP file of `width` by `height` pixels."""

    name: str
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of an image.

    `content_type` is what its bytes are, whatever its sender says; `width` and `height` are the original's,
    upright; `renditions` are the largest first.
    """

    content_type: str
    width: int
    height: int
    renditions: tuple[Rendition, ...]


def render(source: Path) -> Rendered:
    """Render a JPEG, PNG, WebP or GIF file; of an animation, its first frame.

    Example: `render(Path("photo.jpg")).renditions[0].data`.

    Raises:
        Unreadable: it is none of these, or is empty, damaged, cut off, or larger than `MOST_PIXELS`.
        OSError: the file itself can't be read.
    """
    with source.open("rb") as file:
        image = _opened(file)
        size, orientation = image.size, _orientation(image)
        content_type = _TYPES[image.format or ""]
        seen = _largest(image)
    if orientation in _TURNS:
        seen = seen.transpose(_TURNS[orientation])
    if orientation >= _LIES_ON_ITS_SIDE:
        size = (size[1], size[0])
    renditions: list[Rendition] = []
    for name, side in SIDES.items():
        seen = _resized(seen, _within(seen.size, side), reducing_gap=3)
        renditions.append(Rendition(name, seen.width, seen.height, _webp(seen)))
    return Rendered(content_type, size[0], size[1], tuple(renditions))


def _opened(file: BinaryIO) -> Image.Image:
    """The image, of which nothing but its head was read yet."""
    if not file.read(1):
        raise Unreadable("The file is empty.")
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, which are checked below
            image = Image.open(file, formats=("JPEG", "PNG", "WEBP", "GIF"))
    except UnidentifiedImageError:
        raise Unreadable("The file is no JPEG, PNG, WebP or GIF image.") from None
    except Image.DecompressionBombError:
        raise Unreadable(
            f"The image has too many pixels; at most {_mega(MOST_PIXELS)} are allowed."
        ) from None
    except _DAMAGED as error:
        raise _damaged(error) from None
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        raise Unreadable(f"The image has {_mega(pixels)}; at most {_mega(MOST_PIXELS)} are allowed.")
    if _TYPES[image.format or ""] == "image/jpeg" and _scans(file) > MOST_SCANS:
        raise Unreadable("The image is stored in too many passes.")
    return image


def _scans(file: BinaryIO) -> int:
    """How often a JPEG goes over its pixels: in their data the marker of a scan can't occur."""
    place = file.tell()
    file.seek(0)
    count, last = 0, b""
    while part := file.read(1 << 20):
        count += (last + part).count(_START_OF_SCAN)
        last = part[-1:]
    file.seek(place)
    return count


def _largest(image: Image.Image) -> Image.Image:
    """The image, decoded, in the size of its largest rendition and in sRGB; with alpha if it needs that."""
    target = _within(image.size, max(SIDES.values()))
    try:
        image.draft(None, target)  # a JPEG is decoded no larger than it must be
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.load()
        return _shrunk(image, target, preparing(image))
    except _DAMAGED as error:
        raise _damaged(error) from None


def _shrunk(image: Image.Image, size: Size, prepare: Prepare) -> Image.Image:
    """Resize in strips, so that no more than a strip is there in another mode or depth at a time."""
    ratio = image.height / size[1]
    strips: list[Image.Image] = []
    for top in range(0, size[1], _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, size[1])
        first = max(0, floor((top - _LANCZOS_SUPPORT) * ratio))
        last = min(image.height, ceil((bottom + _LANCZOS_SUPPORT) * ratio))
        strip = prepare(image.crop((0, first, image.width, last)))
        box = (0, top * ratio - first, image.width, min(bottom * ratio - first, last - first))
        strips.append(_resized(strip, (size[0], bottom - top), box=box))
    whole = Image.new(strips[0].mode, size)  # it has pixels only: no profile, no EXIF, no comment
    for number, strip in enumerate(strips):
        whole.paste(strip, (0, number * _STRIP_ROWS))
    return whole


def _resized(image: Any, size: Size, **options: Any) -> Image.Image:
    resized: Image.Image = image.resize(size, Image.Resampling.LANCZOS, **options)
    return resized


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except _DAMAGED:
        return 1
    return found if isinstance(found, int) else 1


def _within(size: Size, side: int) -> Size:
    """The size with its longer side at most `side`."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _webp(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()


def _damaged(error: Exception) -> Exception:
    """What is wrong with the bytes; an error of the disk is none of theirs."""
    if isinstance(error, OSError) and error.errno is not None:
        return error
    if "truncated" in str(error):
        return Unreadable("The file ends before the image does.")
    return Unreadable("The image is damaged.")


def _mega(pixels: int) -> str:
    return f"{pixels / 1_000_000:,.0f} megapixels"
