"""What is in a video file: asked of ffprobe."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.media.transcoding.programs import READING, ProgramFailed, Programs


@dataclass(frozen=True, slots=True)
class Probed:
    """The streams to transcode, by their indexes, the frame's size as stored, and the duration in seconds."""

    video: int
    audio: int | None
    width: int
    height: int
    duration: float


def probe(file: Path, programs: Programs) -> Probed:
    """Look into a file. Raises `ProgramFailed` of one without moving pictures, or beyond the limits."""
    asked = ("-print_format", "json", "-show_format", "-show_streams")
    found = json.loads(programs.ffprobe(*READING, *asked, file) or b"{}")
    streams: list[dict[str, Any]] = found.get("streams", [])
    video = next((each for each in streams if _is_moving(each)), None)
    if video is None:
        raise ProgramFailed("there is no video in it")
    audio = next(
        (each for each in streams if each.get("codec_type") == "audio" and each.get("codec_name")), None
    )
    duration = float(found.get("format", {}).get("duration") or video.get("duration") or 0)
    width, height = int(video.get("width", 0)), int(video.get("height", 0))
    if not 0 < width * height <= programs.limits.pixels:
        raise ProgramFailed(f"its frames have {width} by {height} pixels")
    if duration > programs.limits.duration:
        raise ProgramFailed(f"it is {duration:.0f} s long; at most {programs.limits.duration:g} are taken")
    return Probed(video["index"], audio["index"] if audio else None, width, height, duration)


def _is_moving(stream: dict[str, Any]) -> bool:
    """A video that can be decoded, and no cover of an audio file."""
    is_cover = stream.get("disposition", {}).get("attached_pic")
    return stream.get("codec_type") == "video" and bool(stream.get("codec_name")) and not is_cover
