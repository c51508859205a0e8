"""Which adapters this function uses: its variables say, which `infra.py` sets.

Everything heavy is imported when it is needed.
"""

import json
import os
from typing import Any

from services.media.delivery import CloudFrontDelivery, Delivery, PresignedDelivery
from services.media.transcoding import Transcoder
from thestack import Clock, Secret

# The variables' names, which infra.py knows from here.
TRANSCODER = "MEDIA_TRANSCODER"
FFMPEG, MEDIACONVERT = "ffmpeg", "mediaconvert"
ROLE = "MEDIA_TRANSCODING_ROLE"
QUEUE = "MEDIA_TRANSCODING_QUEUE"
DOMAINS = "MEDIA_DOMAINS"
KEY_ID = "MEDIA_KEY_ID"


def transcoder_here() -> Transcoder:
    """MediaConvert, or ffmpeg where AWS is emulated. Raises `RuntimeError` where nothing says which."""
    named = os.environ.get(TRANSCODER)
    if named == FFMPEG:
        from services.media.transcoding.ffmpeg import FfmpegTranscoder

        return FfmpegTranscoder(_client("s3"), _client("events"))
    if named == MEDIACONVERT:
        from services.media.transcoding.mediaconvert import MediaConvertTranscoder

        given = {"role": os.environ[ROLE], "queue": os.environ[QUEUE]}
        return MediaConvertTranscoder(_client("mediaconvert"), _client("s3"), **given)
    raise RuntimeError(f"{TRANSCODER} is {named!r}, and must be {FFMPEG!r} or {MEDIACONVERT!r}")


def delivery_here(key: Secret, clock: Clock) -> Delivery:
    """CloudFront, where the environment has a distribution; else the buckets themselves."""
    if KEY_ID not in os.environ:
        return PresignedDelivery()
    return CloudFrontDelivery(json.loads(os.environ[DOMAINS]), os.environ[KEY_ID], key, clock)


def _client(service: str) -> Any:
    from botocore.session import Session

    session: Any = Session()
    return session.create_client(service)
