"""Transcoding on one machine, with ffmpeg: the same renditions, and the same events on the default bus."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from services.media.transcoding import events
from services.media.transcoding.encoding import encode
from services.media.transcoding.events import Output, Result
from services.media.transcoding.port import Transcoder, Work
from services.media.transcoding.probing import Probed
from services.media.transcoding.programs import Limits, ProgramFailed, Programs
from services.media.transcoding.qualities import HLS, MP4, POSTER, QUALITIES
from services.media.transcoding.storage import TooLarge, download, refuse_other_files, upload

UNDECODABLE = 1040
"""MediaConvert's code of an input that can't be decoded."""
STANDARD = Limits()


class FfmpegTranscoder(Transcoder):
    """Transcodes within `start`, in this process's machine; for where AWS is emulated. What a real account's
    default bus takes of `aws.mediaconvert` comes from MediaConvert alone.

    `s3` and `bus` are botocore's clients of S3 and EventBridge. ffmpeg and ffprobe are on the PATH.
    """

    def __init__(self, s3: Any, bus: Any, limits: Limits = STANDARD) -> None:
        self._s3, self._bus, self._limits = s3, bus, limits

    async def start(self, work: Work) -> str:
        return await asyncio.to_thread(self._start, work)

    def _start(self, work: Work) -> str:
        refuse_other_files(self._s3, work.source)
        job = f"ffmpeg-{work.token[:12]}"
        self._say(job, events.progressed(work, job, 0))
        try:
            end = events.completed(work, job, self._transcode(work))
        except (ProgramFailed, TooLarge) as wrong:
            end = events.failed(work, job, UNDECODABLE, str(wrong))
        self._say(job, end)
        return job

    def _transcode(self, work: Work) -> Result:
        with tempfile.TemporaryDirectory(prefix="transcode-") as scratch:
            source, made = Path(scratch) / "source", Path(scratch) / "made"
            made.mkdir()
            download(self._s3, work.source, source, self._limits.input_bytes)
            encoded = encode(source, made, Programs(self._limits, Path(scratch)))
            upload(self._s3, made, work.destination)
        return _result(work, encoded)

    def _say(self, job: str, detail: dict[str, Any]) -> None:
        said = {"Source": events.SOURCE, "DetailType": events.DETAIL_TYPE, "Detail": json.dumps(detail)}
        answer = self._bus.put_events(Entries=[said])
        if answer["FailedEntryCount"]:
            raise RuntimeError(f"the bus did not take what became of {job}: {answer['Entries']}")


def _result(work: Work, encoded: list[Probed]) -> Result:
    def outputs(base: str, suffix: str) -> list[Output]:
        return [
            Output(f"{work.destination}{base}-{quality.name}{suffix}", each.width, each.height)
            for quality, each in zip(QUALITIES, encoded, strict=True)
        ]

    largest = encoded[-1]

    return Result(
        mp4=outputs(MP4, ".mp4"),
        variants=outputs(HLS, ".m3u8"),
        playlist=f"{work.destination}{HLS}.m3u8",
        poster=Output(f"{work.destination}{POSTER}.0000000.jpg", largest.width, largest.height),
        duration=largest.duration,
    )
