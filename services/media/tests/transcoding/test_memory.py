"""The transcoder of tests keeps what every transcoder does."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from services.media.tests.transcoding.conformance import HEAD, TranscoderConformance
from services.media.transcoding import Done, Work, outcome
from services.media.transcoding.memory import MemoryTranscoder

VIDEO = HEAD + b"moov"


class MemoryStudio:
    """A test that lets sound videos end well, and others not."""

    def __init__(self) -> None:
        self.transcoder = MemoryTranscoder()

    def place(self, source: str, data: bytes) -> None:
        self.transcoder.sources[source] = data

    def video(self) -> bytes:
        return VIDEO

    async def said(self, job: str) -> Sequence[Mapping[str, Any]]:
        before = self.transcoder.progressed(job, 50)
        if self.transcoder.sources[self.transcoder.started[job].source] != VIDEO:
            return [before, self.transcoder.failed(job)]
        return [before, self.transcoder.completed(job, width=320, height=240, duration=3)]


class TestMemory(TranscoderConformance):
    @pytest.fixture
    def studio(self) -> MemoryStudio:
        return MemoryStudio()


async def test_a_large_video_is_made_smaller() -> None:
    transcoder = MemoryTranscoder()
    place = {"source": "s3://b/s", "destination": "s3://b/d/"}
    job = await transcoder.start(Work(media_id="1", owner_id="a", tenant="t", environment="e", **place))
    done = outcome(transcoder.completed(job, width=1080, height=1920))
    assert isinstance(done, Done)
    assert sorted({(each.width, each.height) for each in done.renditions}) == [(360, 640), (720, 1280)]
