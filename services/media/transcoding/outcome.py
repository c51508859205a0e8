"""What the events of a transcoding job mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

IN_PIECES = "HLS_GROUP"
INPUT_ERRORS = range(1010, 1100)
"""MediaConvert's codes for an input that it can't open, parse or decode."""

UNREADABLE = "The file is no video that can be read."
UNPROCESSED = "The video could not be processed."
CANCELED = "Its processing was canceled."


@dataclass(frozen=True, slots=True)
class Rendition:
    """`uri` is an MP4 file, or the multivariant playlist of HLS; the size is that of its largest variant."""

    kind: Literal["MP4", "HLS"]
    uri: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The job is under way; `percent` of it is done, if that is known."""

    percent: int | None


@dataclass(frozen=True, slots=True)
class Done:
    """The job ended well. Width and height are those of the largest rendition, `duration` is in seconds."""

    renditions: tuple[Rendition, ...]
    poster: str | None
    duration: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without a result. `reason` is for who sent the video, `detail` for who runs all this."""

    reason: str
    detail: str


Outcome = Progress | Done | Failed


def outcome(detail: Mapping[str, Any]) -> Outcome:
    """Read the detail of a "MediaConvert Job State Change" event.

    Example: `outcome({"status": "CANCELED", …})` is a `Failed`.

    A status that ends nothing, also one that is not known yet, is a `Progress`.
    """
    status = detail.get("status")
    if status == "COMPLETE":
        return _done(detail)
    if status == "ERROR":
        code = detail.get("errorCode", 0)
        reason = UNREADABLE if code in INPUT_ERRORS else UNPROCESSED
        return Failed(reason, f"{code}: {detail.get('errorMessage', 'no message')}")
    if status == "CANCELED":
        return Failed(CANCELED, f"the job {detail.get('jobId', '')} was canceled")
    progress: Mapping[str, Any] = detail.get("jobProgress") or {}
    return Progress(progress.get("jobPercentComplete"))


def _done(detail: Mapping[str, Any]) -> Done | Failed:
    renditions: list[Rendition] = []
    poster, milliseconds = None, [0]
    for group in detail.get("outputGroupDetails", ()):
        outputs: Sequence[Mapping[str, Any]] = group.get("outputDetails", ())
        for output in outputs:
            width, height = _size(output)
            for uri in output.get("outputFilePaths", ())[-1:]:  # of several captured frames, the last
                if uri.endswith(".jpg"):
                    poster = uri
                    continue
                milliseconds.append(output.get("durationInMs", 0))
                if group.get("type") != IN_PIECES:
                    renditions.append(Rendition("MP4", uri, width, height))
        for uri in group.get("playlistFilePaths", ())[:1] if group.get("type") == IN_PIECES else ():
            width, height = max(map(_size, outputs), key=_area, default=(0, 0))
            renditions.append(Rendition("HLS", uri, width, height))
    if not renditions:
        return Failed(UNPROCESSED, f"the job {detail.get('jobId', '')} made nothing")
    largest = max(renditions, key=lambda each: each.width * each.height)
    return Done(tuple(renditions), poster, max(milliseconds) / 1000, largest.width, largest.height)


def _size(output: Mapping[str, Any]) -> tuple[int, int]:
    video: Mapping[str, Any] = output.get("videoDetails") or {}
    return video.get("widthInPx", 0), video.get("heightInPx", 0)


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]
