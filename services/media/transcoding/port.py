"""What transcodes, as the service sees it."""

import hashlib
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


class Refused(Exception):
    """The file will never be transcoded, and nothing was started. The message is for who sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One video to transcode: `source` is the uploaded object, `destination` where everything that is made of
    it goes, both as S3 has them ("s3://bucket/key"); the latter ends in a slash.

    The ids travel with the job and come back in each of its events.
    """

    media_id: str
    owner_id: str
    tenant: str
    environment: str
    source: str
    destination: str

    def __post_init__(self) -> None:
        if not self.destination.endswith("/"):
            raise ValueError(f"the destination {self.destination} must end in a slash")

    @property
    def token(self) -> str:
        """The same for the same work, whoever asks for it again: 64 characters."""
        parts = (self.environment, self.tenant, self.media_id, self.source, self.destination)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def metadata(self) -> dict[str, str]:
        """The ids, as a job's user metadata."""
        return {
            "environment": self.environment,
            "tenant": self.tenant,
            "owner_id": self.owner_id,
            "media_id": self.media_id,
        }


class Transcoder(Protocol):
    """Makes of a video what `qualities.py` says: an MP4 of each, one HLS presentation of all, and a poster.

    Example: `job = await transcoder.start(Work(media_id="m1", source="s3://videos/uploads/…", …))`.
    """

    async def start(self, work: Work) -> str:
        """Start, and answer the job's id. What was started already is not started again, within a minute at
        least; an end is told once for each start, at least.

        Raises `Refused`; after any other exception it may or may not have been started.
        """
        ...


def bucket_and_key(uri: str) -> tuple[str, str]:
    """Of "s3://bucket/some/key": "bucket" and "some/key"."""
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(f"{uri} is no s3:// URI")
    return parts.netloc, parts.path.removeprefix("/")
