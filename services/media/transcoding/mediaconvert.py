"""Transcoding by AWS Elemental MediaConvert."""

import asyncio
from typing import Any

from services.media.transcoding.job import settings
from services.media.transcoding.port import Transcoder, Work
from services.media.transcoding.storage import refuse_other_files

STATUS_SECONDS = 10
"""How often a job tells its progress; MediaConvert's least."""


class MediaConvertTranscoder(Transcoder):
    """Creates jobs in `queue`, an ARN, which read and write with `role`, another.

    `mediaconvert` and `s3` are botocore's clients. MediaConvert says the events itself.
    """

    def __init__(self, mediaconvert: Any, s3: Any, *, role: str, queue: str) -> None:
        self._client, self._s3, self._role, self._queue = mediaconvert, s3, role, queue

    async def start(self, work: Work) -> str:
        return await asyncio.to_thread(self._start, work)

    def _start(self, work: Work) -> str:
        # MediaConvert would follow what a playlist names, and bills what it made of it.
        refuse_other_files(self._s3, work.source)
        answer = self._client.create_job(
            Role=self._role,
            Queue=self._queue,
            ClientRequestToken=work.token,
            UserMetadata=work.metadata,
            StatusUpdateInterval=f"SECONDS_{STATUS_SECONDS}",
            Settings=settings(work),
        )
        return str(answer["Job"]["Id"])
