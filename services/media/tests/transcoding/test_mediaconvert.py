"""MediaConvert is asked as its service model says, and its events are those of its documentation."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from services.media.tests.transcoding.conformance import HEAD, WORK, TranscoderConformance
from services.media.transcoding.mediaconvert import MediaConvertTranscoder

FOLDER = Path(__file__).with_name("documented")
ROLE = "arn:aws:iam::111122223333:role/test-media-transcoding"
QUEUE = "arn:aws:mediaconvert:eu-central-1:111122223333:queues/test-media"
JOB = "1536964333549-opn151"
VIDEO = HEAD + b"moov"
SESSION = botocore.session.get_session()
"""One for all: it keeps the service models, which are large."""


def documented(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())["event"]["detail"]


def stubbed(service: str) -> Stubber:
    client = SESSION.create_client(
        service, region_name="eu-central-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    return Stubber(client)


class StubbedStudio:
    """MediaConvert and S3 as their service models describe them: botocore checks what they are asked and what
    they answer. The events are the documentation's, with the names that its rules give to this job's files.
    """

    def __init__(self) -> None:
        self.s3, self.mediaconvert = stubbed("s3"), stubbed("mediaconvert")
        self.transcoder = MediaConvertTranscoder(
            self.mediaconvert.client, self.s3.client, role=ROLE, queue=QUEUE
        )
        self.asked: list[dict[str, Any]] = []
        self._data = b""
        self.mediaconvert.client.meta.events.register(
            "provide-client-params.mediaconvert.CreateJob", lambda params, **_: self.asked.append(params)
        )

    def place(self, source: str, data: bytes) -> None:
        bucket, _, key = source.removeprefix("s3://").partition("/")
        self._data = data
        expected = {"Bucket": bucket, "Key": key, "Range": "bytes=0-63"}
        job = {"Role": ROLE, "Settings": {}, "Id": JOB, "Status": "SUBMITTED"}
        wanted = {
            "Role": ROLE,
            "Queue": QUEUE,
            "ClientRequestToken": WORK.token,
            "UserMetadata": WORK.metadata,
            "StatusUpdateInterval": "SECONDS_10",
            "Settings": ANY,
        }
        for _ in range(2):  # as often as the same work may be started
            if data:
                body = StreamingBody(io.BytesIO(data[:64]), len(data[:64]))
                self.s3.add_response("get_object", {"Body": body}, expected)
            else:
                self.s3.add_client_error("get_object", "InvalidRange", http_status_code=416)
            self.mediaconvert.add_response("create_job", {"Job": job}, wanted)

    def video(self) -> bytes:
        return VIDEO

    async def said(self, job: str) -> Sequence[Mapping[str, Any]]:
        of_this = {"jobId": job, "userMetadata": self.asked[0]["UserMetadata"]}
        before = documented("status_update") | of_this
        if self._data != VIDEO:
            return [before, documented("error") | of_this]
        groups = [self._files_of(each) for each in self.asked[0]["Settings"]["OutputGroups"]]
        return [before, documented("complete_hls") | of_this | {"outputGroupDetails": groups}]

    def _files_of(self, group: Mapping[str, Any]) -> dict[str, Any]:
        """What the documentation says that a group of outputs is told as."""
        (settings,) = [each for each in group["OutputGroupSettings"].values() if isinstance(each, dict)]
        base = settings["Destination"]
        in_pieces = group["OutputGroupSettings"]["Type"] == "HLS_GROUP_SETTINGS"
        details = []
        for output in group["Outputs"]:
            container = output["ContainerSettings"]["Container"]
            suffix = {"MP4": ".mp4", "M3U8": ".m3u8", "RAW": ".0000001.jpg"}[container]
            size = {"widthInPx": 320, "heightInPx": 240}
            duration = 5000 if container == "RAW" else 3010
            paths = [base + output.get("NameModifier", "") + suffix]
            details.append({"outputFilePaths": paths, "durationInMs": duration, "videoDetails": size})
        told = {"type": "HLS_GROUP" if in_pieces else "FILE_GROUP", "outputDetails": details}
        return told | ({"playlistFilePaths": [f"{base}.m3u8"]} if in_pieces else {})


@pytest.fixture
def studio() -> Iterator[StubbedStudio]:
    made = StubbedStudio()
    with made.s3, made.mediaconvert:
        yield made


class TestMediaConvert(TranscoderConformance):
    """Inherits everything; `studio` is the module's."""


async def test_a_token_is_of_the_length_that_is_taken() -> None:
    model = SESSION.get_service_model("mediaconvert")
    told = model.operation_model("CreateJob").input_shape.members["ClientRequestToken"].documentation
    assert "up to 64 ASCII characters" in told
    assert len(WORK.token) == 64
    assert WORK.token.isascii()


@pytest.mark.parametrize("code", ["BadRequestException", "TooManyRequestsException", "ForbiddenException"])
async def test_what_mediaconvert_refuses_is_the_operators_to_mend(code: str) -> None:
    studio = StubbedStudio()
    body = StreamingBody(io.BytesIO(VIDEO), len(VIDEO))
    studio.s3.add_response("get_object", {"Body": body})
    studio.mediaconvert.add_client_error("create_job", code, "No.")
    with studio.s3, studio.mediaconvert, pytest.raises(studio.mediaconvert.client.exceptions.ClientError):
        await studio.transcoder.start(WORK)
