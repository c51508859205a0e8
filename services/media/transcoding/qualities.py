"""What is made of every video, by whichever transcoder. A smaller video is not enlarged."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """`side` is the most pixels of the longer side, `bitrate` the most bits of video in a second."""

    name: str
    side: int
    bitrate: int


QUALITIES = (Quality("small", 640, 1_000_000), Quality("large", 1280, 3_500_000))
AUDIO_BITRATE = 128_000
AUDIO_RATE = 48_000
SEGMENT_SECONDS = 4
POSTER_SECOND = 1
"""The poster shows this second of the video: the first frame is often black."""

# Names below a work's destination; MediaConvert adds suffixes and segments' numbers by its own rules.
BASE = "video"
MP4, HLS, POSTER = f"mp4/{BASE}", f"hls/{BASE}", "poster/poster"
