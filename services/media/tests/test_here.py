"""A function's variables say which adapters it uses, and nothing heavy is loaded before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.media.delivery import CloudFrontDelivery, PresignedDelivery
from services.media.here import delivery_here, transcoder_here
from services.media.transcoding.ffmpeg import FfmpegTranscoder
from services.media.transcoding.mediaconvert import MediaConvertTranscoder
from thestack.testing import fixed_clock, memory_secret

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def a_region_and_no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    for name in ("MEDIA_TRANSCODER", "MEDIA_KEY_ID", "MEDIA_DOMAINS"):
        monkeypatch.delenv(name, raising=False)


def test_ffmpeg_transcodes_where_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_TRANSCODER", "ffmpeg")
    assert isinstance(transcoder_here(), FfmpegTranscoder)


def test_mediaconvert_transcodes_where_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_TRANSCODER", "mediaconvert")
    monkeypatch.setenv("MEDIA_TRANSCODING_ROLE", "arn:aws:iam::111122223333:role/r")
    monkeypatch.setenv("MEDIA_TRANSCODING_QUEUE", "arn:aws:mediaconvert:eu-central-1:111122223333:queues/q")
    assert isinstance(transcoder_here(), MediaConvertTranscoder)


def test_nothing_is_guessed() -> None:
    with pytest.raises(RuntimeError, match="MEDIA_TRANSCODER is None, and must be"):
        transcoder_here()


def test_cloudfront_delivers_where_there_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    key, clock = memory_secret("pem"), fixed_clock()
    assert isinstance(delivery_here(key, clock), PresignedDelivery)
    monkeypatch.setenv("MEDIA_KEY_ID", "K1")
    monkeypatch.setenv("MEDIA_DOMAINS", '{"bucket":"d1.example.com"}')
    assert isinstance(delivery_here(key, clock), CloudFrontDelivery)


def test_the_definition_loads_without_what_single_functions_need() -> None:
    heavy = ("PIL", "cryptography", "botocore", "boto3", "aws_cdk")
    script = f"import sys, services.media.service; print([each for each in {heavy} if each in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
