"""Turning a video that somebody sent into what browsers play: HLS and MP4 renditions, and a poster.

A `Transcoder` starts the work and returns; how it ends is told by an event on the account's default bus, as
MediaConvert says it, which `outcome` reads. On one machine `FfmpegTranscoder` does the work itself, and says
the same events.
"""

from services.media.transcoding.outcome import Done, Failed, Outcome, Progress, Rendition, outcome
from services.media.transcoding.port import Refused, Transcoder, Work

__all__ = [
    "Done",
    "Failed",
    "Outcome",
    "Progress",
    "Refused",
    "Rendition",
    "Transcoder",
    "Work",
    "outcome",
]
