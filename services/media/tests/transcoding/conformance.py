"""What every Transcoder does, and what its events mean."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pytest

from services.media.transcoding import Done, Failed, Progress, Refused, Transcoder, Work, outcome

WORK = Work(
    media_id="01JD0000000000000000000001",
    owner_id="alice",
    tenant="acme",
    environment="test",
    source="s3://test-media-videos/uploads/acme/01JD0000000000000000000001",
    destination="s3://test-media-videos/renditions/acme/01JD0000000000000000000001/",
)
HEAD = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"
NO_VIDEOS = {
    "a text": b"just words",
    "a playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a list of files": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
}


class Studio(Protocol):
    """A transcoder, with the place from which it reads and the bus on which its events are heard."""

    @property
    def transcoder(self) -> Transcoder: ...

    def place(self, source: str, data: bytes) -> None:
        """Put an object where a work's `source` says."""
        ...

    def video(self) -> bytes:
        """A sound video of 3 seconds, 320 by 240 pixels, with sound."""
        ...

    async def said(self, job: str) -> Sequence[Mapping[str, Any]]:
        """The details of the job's events, once it has ended."""
        ...


class TranscoderConformance:
    """Inherit and give the fixture `studio`, a `Studio`."""

    async def test_a_video_becomes_mp4_files_hls_and_a_poster(self, studio: Studio) -> None:
        studio.place(WORK.source, studio.video())
        job = await studio.transcoder.start(WORK)
        *before, last = [outcome(each) for each in await studio.said(job)]
        assert all(isinstance(each, Progress) for each in before)
        assert isinstance(last, Done)
        assert sorted(each.kind for each in last.renditions) == ["HLS", "MP4", "MP4"]
        assert {(each.width, each.height) for each in last.renditions} == {(320, 240)}
        assert (last.width, last.height) == (320, 240)
        assert abs(last.duration - 3) < 0.2
        assert last.poster
        uris = [each.uri for each in last.renditions] + [last.poster]
        assert all(uri.startswith(WORK.destination) for uri in uris)
        assert len(set(uris)) == len(uris)

    async def test_every_event_tells_whose_video_it_is(self, studio: Studio) -> None:
        studio.place(WORK.source, studio.video())
        job = await studio.transcoder.start(WORK)
        for detail in await studio.said(job):
            assert detail["jobId"] == job
            assert detail["userMetadata"] == {
                "environment": "test",
                "tenant": "acme",
                "owner_id": "alice",
                "media_id": WORK.media_id,
            }

    async def test_the_same_work_is_the_same_job(self, studio: Studio) -> None:
        studio.place(WORK.source, studio.video())
        job = await studio.transcoder.start(WORK)
        assert await studio.transcoder.start(WORK) == job

    @pytest.mark.parametrize("kind", NO_VIDEOS)
    async def test_what_is_no_video_is_refused(self, studio: Studio, kind: str) -> None:
        studio.place(WORK.source, NO_VIDEOS[kind])
        with pytest.raises(Refused, match=r"no video"):
            await studio.transcoder.start(WORK)

    async def test_an_empty_file_is_refused(self, studio: Studio) -> None:
        studio.place(WORK.source, b"")
        with pytest.raises(Refused, match=r"empty"):
            await studio.transcoder.start(WORK)

    async def test_what_only_begins_as_a_video_fails_with_a_reason(self, studio: Studio) -> None:
        studio.place(WORK.source, HEAD + bytes(1000))
        job = await studio.transcoder.start(WORK)
        end = outcome((await studio.said(job))[-1])
        assert isinstance(end, Failed)
        assert end.reason == "The file is no video that can be read."
        assert end.detail
