"""ffmpeg does the work itself, and tells of it as MediaConvert does."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from services.media.tests.conftest import BUCKET
from services.media.tests.transcoding.conformance import WORK, TranscoderConformance
from services.media.tests.transcoding.videos import ordinary
from services.media.transcoding import Failed, outcome
from services.media.transcoding.events import DETAIL_TYPE, SOURCE
from services.media.transcoding.ffmpeg import FfmpegTranscoder
from services.media.transcoding.programs import Limits
from thestack.operations.aws import Aws

SECONDS = 60
pytestmark = [pytest.mark.aws, pytest.mark.usefixtures("ffmpeg_on_the_path")]


@pytest.fixture(scope="module")
def ordinary_video(tmp_path_factory: pytest.TempPathFactory, ffmpeg_on_the_path: None) -> bytes:
    return ordinary(tmp_path_factory.mktemp("videos") / "ordinary.mp4").read_bytes()


class EmulatedStudio:
    """S3 and the default bus on the emulator; a rule puts what is heard into a queue."""

    def __init__(self, aws: Aws, video: bytes, limits: Limits) -> None:
        self.s3, bus, self._queues = (aws.client(each) for each in ("s3", "events", "sqs"))
        self.transcoder = FfmpegTranscoder(self.s3, bus, limits)
        self._video, self._heard = video, list[Mapping[str, Any]]()
        self._url = self._queues.create_queue(QueueName="heard")["QueueUrl"]
        asked = {"QueueUrl": self._url, "AttributeNames": ["QueueArn"]}
        arn = self._queues.get_queue_attributes(**asked)["Attributes"]["QueueArn"]
        pattern = {"source": [SOURCE], "detail-type": [DETAIL_TYPE], "detail": {"status": [{"exists": True}]}}
        bus.put_rule(Name="heard", EventPattern=json.dumps(pattern))
        bus.put_targets(Rule="heard", Targets=[{"Id": "queue", "Arn": arn, "InputPath": "$.detail"}])
        self._queues.purge_queue(QueueUrl=self._url)

    def place(self, source: str, data: bytes) -> None:
        bucket, _, key = source.removeprefix("s3://").partition("/")
        self.s3.put_object(Bucket=bucket, Key=key, Body=data)

    def video(self) -> bytes:
        return self._video

    async def said(self, job: str) -> Sequence[Mapping[str, Any]]:
        deadline = time.monotonic() + SECONDS
        while not any(each["status"] in {"COMPLETE", "ERROR"} for each in self._heard):
            assert time.monotonic() < deadline, "no end was told"
            asked = {"QueueUrl": self._url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
            for message in self._queues.receive_message(**asked).get("Messages", []):
                self._heard.append(json.loads(message["Body"]))
        return sorted(
            (each for each in self._heard if each["jobId"] == job), key=lambda each: each["timestamp"]
        )

    def made(self) -> dict[str, str]:
        """The content types of all objects below the destination, by their names there."""
        prefix = WORK.destination.removeprefix(f"s3://{BUCKET}/")
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        heads = {each["Key"]: self.s3.head_object(Bucket=BUCKET, Key=each["Key"]) for each in found}
        return {key.removeprefix(prefix): head["ContentType"] for key, head in heads.items()}


@pytest.fixture
def studio(aws: Aws, ordinary_video: bytes) -> EmulatedStudio:
    return EmulatedStudio(aws, ordinary_video, Limits(threads=1))


class TestFfmpeg(TranscoderConformance):
    """Inherits everything; `studio` is the module's."""


async def test_the_files_lie_where_the_events_say_with_their_types(studio: EmulatedStudio) -> None:
    studio.place(WORK.source, studio.video())
    await studio.transcoder.start(WORK)
    assert studio.made() == {
        "hls/video.m3u8": "application/vnd.apple.mpegurl",
        "hls/video-small.m3u8": "application/vnd.apple.mpegurl",
        "hls/video-large.m3u8": "application/vnd.apple.mpegurl",
        "hls/video-small_00000.ts": "video/mp2t",
        "hls/video-large_00000.ts": "video/mp2t",
        "mp4/video-small.mp4": "video/mp4",
        "mp4/video-large.mp4": "video/mp4",
        "poster/poster.0000000.jpg": "image/jpeg",
    }


async def test_a_file_larger_than_the_limit_is_not_even_read(aws: Aws, ordinary_video: bytes) -> None:
    studio = EmulatedStudio(aws, ordinary_video, Limits(input_bytes=1000))
    studio.place(WORK.source, ordinary_video)
    job = await studio.transcoder.start(WORK)
    end = outcome((await studio.said(job))[-1])
    assert isinstance(end, Failed)
    assert "at most 1000 are taken" in end.detail


async def test_an_event_that_the_bus_refuses_is_no_end(studio: EmulatedStudio, aws: Aws) -> None:
    class Refusing:
        def put_events(self, **_: Any) -> dict[str, Any]:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}

    studio.place(WORK.source, studio.video())
    transcoder = FfmpegTranscoder(aws.client("s3"), Refusing())
    with pytest.raises(RuntimeError, match="ThrottlingException"):
        await transcoder.start(WORK)
