"""Objects in a bucket."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol


class NoBlob(Exception):
    """There is no object with this key; the message names it."""


class BlobTooLarge(Exception):
    """The object is larger than the reader takes; nothing of it was read. The message names both sizes."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where an object lies, for who must name it to somebody else: `Location("images", "a/b").uri`."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The address as AWS's services take it: `s3://images/a/b`."""
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """What is known of an object without its bytes. `size` is in bytes; `content_type`, which its writer
    claimed, is None in listings.
    """

    key: str
    size: int
    etag: str
    modified: datetime
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Blob:
    """An object. `content_type` is what its writer claimed."""

    key: str
    data: bytes
    content_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class PresignedPost:
    """A form by which somebody without rights of their own may upload one object: `fields`, and after them
    the field `file`, posted to `url` as multipart/form-data.
    """

    url: str
    fields: Mapping[str, str]


class BlobReads(Protocol):
    """Reads objects of one bucket."""

    async def get(self, key: str, *, limit: int) -> Blob:
        """The object, of at most `limit` bytes. Raises `NoBlob`, and `BlobTooLarge` before it is read."""
        ...

    async def head(self, key: str) -> BlobInfo | None:
        """What is known of the object without reading it, or None where there is none."""
        ...

    async def download(self, key: str, to: Path, *, limit: int) -> BlobInfo:
        """Write the object, of at most `limit` bytes, into a file, piece by piece.

        Raises `NoBlob`, and `BlobTooLarge` before it is read.
        """
        ...

    def each(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        """The objects whose keys begin so, in the order of their keys, read as they are asked for: those
        behind `after`, which need be no key of an object.
        """
        ...

    async def sign_download(self, key: str, *, expires: timedelta) -> str:
        """A URL by which whoever has it may fetch the object until it expires; there need be none yet."""
        ...

    def location(self, key: str) -> Location:
        """Where the object lies, or would; also where those do whose keys begin so."""
        ...


class BlobStore(BlobReads, Protocol):
    """Reads and writes objects of one bucket. What it does is done when a call returns."""

    async def put(
        self, key: str, data: bytes, *, content_type: str, cache_control: str | None = None
    ) -> None:
        """Write an object, in place of the one with this key."""
        ...

    async def upload(
        self, path: Path, key: str, *, content_type: str, cache_control: str | None = None
    ) -> None:
        """Write the content of a file as an object, piece by piece, in place of the one with this key."""
        ...

    async def copy(self, key: str, to: str, *, content_type: str, etag: str | None = None) -> None:
        """Copy an object, of up to 5 GB, within the bucket, in place of the one with the key `to`; with an
        `etag` only the content that has it. Raises `NoBlob` where there is none.
        """
        ...

    async def delete(self, *keys: str) -> None:
        """Delete objects; one that is not there is no mistake. A versioned bucket keeps what they were."""
        ...

    async def delete_all(self, prefix: str) -> None:
        """Delete the objects whose keys begin so, for good: with all their versions."""
        ...

    async def sign_upload(
        self, key: str, *, content_type: str, size: tuple[int, int], expires: timedelta
    ) -> PresignedPost:
        """A form by which whoever has it may write this object until it expires, with this content type and
        from `size[0]` to `size[1]` bytes. Nothing looks into the bytes: the type is what was claimed.
        """
        ...
