"""MediaConvert's events, as its documentation has them, are read for what they mean."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.media.transcoding import Done, Failed, Progress, Rendition, outcome

FOLDER = Path(__file__).with_name("documented")


def documented(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())["event"]["detail"]


def test_hls_is_one_rendition_of_several_variants() -> None:
    assert outcome(documented("complete_hls")) == Done(
        renditions=(Rendition("HLS", "s3://amzn-s3-demo-bucket/hls/main.m3u8", 1280, 720),),
        poster=None,
        duration=180.041,
        width=1280,
        height=720,
    )


def test_of_captured_frames_the_last_is_the_poster_and_their_time_is_not_the_videos() -> None:
    assert outcome(documented("complete_frames")) == Done(
        renditions=(Rendition("MP4", "s3://amzn-s3-demo-bucket/file/file.mp4", 1280, 720),),
        poster="s3://amzn-s3-demo-bucket/frameoutput/file.0000036.jpg",
        duration=180.041,
        width=1280,
        height=720,
    )


def test_an_error_is_a_failure_with_a_reason_for_people_and_one_for_operators() -> None:
    found = outcome(documented("error"))
    assert found == Failed("The file is no video that can be read.", "1040: Example error message")


@pytest.mark.parametrize("code", [1401, 1999, 3401])
def test_an_error_that_is_not_the_files_says_nothing_of_the_file(code: int) -> None:
    told = "Access denied to s3://bucket/key by arn:aws:iam::111122223333:role/secret"
    found = outcome(documented("error") | {"errorCode": code, "errorMessage": told})
    assert isinstance(found, Failed)
    assert found.reason == "The video could not be processed."
    assert told in found.detail


def test_a_canceled_job_is_a_failure() -> None:
    assert outcome(documented("canceled")) == Failed(
        "Its processing was canceled.", "the job 1515368087458-qnoxtd was canceled"
    )


def test_what_ends_nothing_is_progress() -> None:
    assert outcome(documented("status_update")) == Progress(7)
    assert outcome(documented("progressing")) == Progress(None)
    assert outcome(documented("progressing") | {"status": "A_NEW_ONE"}) == Progress(None)


def test_a_complete_job_that_made_nothing_is_a_failure() -> None:
    found = outcome(documented("complete_hls") | {"outputGroupDetails": []})
    assert isinstance(found, Failed)
