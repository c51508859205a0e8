"""A tenant's objects in a bucket, as handlers see them: by keys that no tenant is part of."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from thestack.definition import names
from thestack.ports import Blob, BlobInfo, BlobStore, Location, PresignedPost


class TenantBlobs:
    """Objects of one tenant. Satisfies `thestack.Blobs` and `thestack.BlobReader`.

    Raises `ValueError` for a key that has no area, or steps that an address leaves out.
    """

    def __init__(self, store: BlobStore, tenant: str) -> None:
        self._store, self._tenant = store, tenant

    async def get(self, key: str, *, limit: int) -> Blob:
        return replace(await self._store.get(self._place(key), limit=limit), key=key)

    async def head(self, key: str) -> BlobInfo | None:
        found = await self._store.head(self._place(key))
        return replace(found, key=key) if found else None

    async def download(self, key: str, to: Path, *, limit: int) -> BlobInfo:
        return replace(await self._store.download(self._place(key), to, limit=limit), key=key)

    async def each(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        behind = names.blob_place(self._tenant, after) if after else ""
        async for found in self._store.each(names.blob_place(self._tenant, prefix), after=behind):
            yield replace(found, key=names.blob_key(found.key)[1])

    async def sign_download(self, key: str, *, expires: timedelta) -> str:
        return await self._store.sign_download(self._place(key), expires=expires)

    def location(self, key: str) -> Location:
        return self._store.location(names.blob_place(self._tenant, key))

    async def put(
        self, key: str, data: bytes, *, content_type: str, cache_control: str | None = None
    ) -> None:
        await self._store.put(self._place(key), data, content_type=content_type, cache_control=cache_control)

    async def upload(
        self, path: Path, key: str, *, content_type: str, cache_control: str | None = None
    ) -> None:
        place = self._place(key)
        await self._store.upload(path, place, content_type=content_type, cache_control=cache_control)

    async def copy(self, key: str, to: str, *, content_type: str, etag: str | None = None) -> None:
        await self._store.copy(self._place(key), self._place(to), content_type=content_type, etag=etag)

    async def delete(self, *keys: str) -> None:
        await self._store.delete(*map(self._place, keys))

    async def delete_all(self, prefix: str) -> None:
        await self._store.delete_all(names.blob_place(self._tenant, prefix))

    async def sign_upload(
        self, key: str, *, content_type: str, size: tuple[int, int], expires: timedelta
    ) -> PresignedPost:
        place = self._place(key)
        return await self._store.sign_upload(place, content_type=content_type, size=size, expires=expires)

    def _place(self, key: str) -> str:
        if not key.rpartition("/")[2]:
            raise ValueError(f"{key!r} is no key of an object: it ends with nothing")
        return names.blob_place(self._tenant, key)
