"""A transcoder for tests: it does nothing, and what became of the work is the test's to say."""

from typing import Any

from services.media.transcoding import events
from services.media.transcoding.containers import refuse_others
from services.media.transcoding.events import Output, Result
from services.media.transcoding.port import Transcoder, Work
from services.media.transcoding.qualities import HLS, MP4, POSTER, QUALITIES


class MemoryTranscoder(Transcoder):
    """Remembers what was started in `started`, by the job's id. Where a test puts a source's bytes into
    `sources`, what is no video is refused.

    Example:

        transcoder = MemoryTranscoder()
        job = await transcoder.start(work)
        assert outcome(transcoder.completed(job)).duration == 12
    """

    def __init__(self) -> None:
        self.started: dict[str, Work] = {}
        self.sources: dict[str, bytes] = {}

    async def start(self, work: Work) -> str:
        if work.source in self.sources:
            refuse_others(self.sources[work.source])
        job = f"job-{work.token[:12]}"
        self.started[job] = work
        return job

    def progressed(self, job: str, percent: int) -> dict[str, Any]:
        """The detail of the event that says so; of the others below, too."""
        return events.progressed(self.started[job], job, percent)

    def completed(
        self, job: str, *, width: int = 1280, height: int = 720, duration: float = 12
    ) -> dict[str, Any]:
        work = self.started[job]

        def made(base: str, suffix: str) -> list[Output]:
            sizes = [(each, min(1, each.side / max(width, height))) for each in QUALITIES]
            return [
                Output(
                    f"{work.destination}{base}-{each.name}{suffix}",
                    round(width * scale),
                    round(height * scale),
                )
                for each, scale in sizes
            ]

        mp4 = made(MP4, ".mp4")
        result = Result(
            mp4=mp4,
            variants=made(HLS, ".m3u8"),
            playlist=f"{work.destination}{HLS}.m3u8",
            poster=Output(f"{work.destination}{POSTER}.0000000.jpg", mp4[-1].width, mp4[-1].height),
            duration=duration,
        )
        return events.completed(work, job, result)

    def failed(self, job: str, code: int = 1010, message: str = "no parser") -> dict[str, Any]:
        return events.failed(self.started[job], job, code, message)

    def canceled(self, job: str) -> dict[str, Any]:
        return events.canceled(self.started[job], job)
