"""What a file is by its first bytes, whatever it is called. Only containers that hold their media themselves
are let through: a playlist, which names other files and addresses to read, is none.
"""

from services.media.transcoding.outcome import UNREADABLE
from services.media.transcoding.port import Refused

HEAD = 64
"""How many bytes `container` looks at."""

_QUICKTIME_ATOMS = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_NO_VIDEO_BRANDS = {b"M4A ", b"M4B ", b"M4P ", b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx "}
_EBML = b"\x1a\x45\xdf\xa3"


def container(head: bytes) -> str | None:
    """The content type of a video file that begins so: MP4, QuickTime, WebM or Matroska; None of all others.

    Example: `container(b"\\0\\0\\0\\x18ftypisom…")` is "video/mp4".
    """
    if head.startswith(_EBML):
        return "video/webm" if b"webm" in head[:HEAD] else "video/x-matroska"
    atom, brand = head[4:8], head[8:12]
    if atom == b"ftyp" and brand not in _NO_VIDEO_BRANDS:
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    return "video/quicktime" if atom in _QUICKTIME_ATOMS else None


def refuse_others(head: bytes) -> None:
    """Raise `Refused`, with a reason for people, of a file that begins so and is no video."""
    if not head:
        raise Refused("The file is empty.")
    if container(head) is None:
        raise Refused(UNREADABLE)
