"""Objects in a rehearsal: what is there is read, and what would be written is noted."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from thestack.ports import Blob, BlobInfo, BlobStore, BlobTooLarge, Location, PresignedPost


class RehearsedBlobs:
    """A bucket in front of `source`, to which nothing is written: `noted` tells what would be.

    What the rehearsal itself would have put or copied is read as if it were there; it is in no listing.
    """

    def __init__(self, source: BlobStore, noted: list[str]) -> None:
        self._source, self._noted = source, noted
        self._put: dict[str, Blob] = {}
        self._copied: dict[str, str] = {}

    async def get(self, key: str, *, limit: int) -> Blob:
        if key in self._put:
            return self._within(self._put[key], limit)
        return replace(await self._source.get(self._copied.get(key, key), limit=limit), key=key)

    async def head(self, key: str) -> BlobInfo | None:
        if key in self._put:
            return _info(self._put[key])
        found = await self._source.head(self._copied.get(key, key))
        return replace(found, key=key) if found else None

    async def download(self, key: str, to: Path, *, limit: int) -> BlobInfo:
        if key in self._put:
            blob = self._within(self._put[key], limit)
            to.write_bytes(blob.data)  # noqa: ASYNC240 - nobody waits beside a rehearsal
            return _info(blob)
        return replace(await self._source.download(self._copied.get(key, key), to, limit=limit), key=key)

    async def each(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        async for found in self._source.each(prefix, after=after):
            yield found

    async def sign_download(self, key: str, *, expires: timedelta) -> str:
        return await self._source.sign_download(key, expires=expires)

    def location(self, key: str) -> Location:
        return self._source.location(key)

    async def put(
        self, key: str, data: bytes, *, content_type: str, cache_control: str | None = None
    ) -> None:
        etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self._put[key] = Blob(key, data, content_type, etag)
        self._noted.append(f"put {self.location(key).uri}, {len(data)} bytes")

    async def upload(
        self, path: Path, key: str, *, content_type: str, cache_control: str | None = None
    ) -> None:
        data = path.read_bytes()  # noqa: ASYNC240 - nobody waits beside a rehearsal
        await self.put(key, data, content_type=content_type)

    async def copy(self, key: str, to: str, *, content_type: str, etag: str | None = None) -> None:
        self._copied[to] = self._copied.get(key, key)
        self._noted.append(f"copy {self.location(key).uri} to {self.location(to).uri}")

    async def delete(self, *keys: str) -> None:
        self._noted += [f"delete {self.location(key).uri}" for key in keys]

    async def delete_all(self, prefix: str) -> None:
        self._noted.append(f"delete all of {self.location(prefix).uri}")

    async def sign_upload(
        self, key: str, *, content_type: str, size: tuple[int, int], expires: timedelta
    ) -> PresignedPost:
        return await self._source.sign_upload(key, content_type=content_type, size=size, expires=expires)

    def _within(self, blob: Blob, limit: int) -> Blob:
        if len(blob.data) > limit:
            raise BlobTooLarge(
                f"{self.location(blob.key).uri} has {len(blob.data)} bytes, of {limit} at most"
            )
        return blob


def _info(blob: Blob) -> BlobInfo:
    return BlobInfo(blob.key, len(blob.data), blob.etag, datetime.now(UTC), blob.content_type)
