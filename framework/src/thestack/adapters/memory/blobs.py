"""Objects in memory."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from thestack.ports.blobs import Blob, BlobInfo, BlobTooLarge, Location, NoBlob, PresignedPost
from thestack.ports.clock import Clock

SECRET = b"memory"


class BlobRefused(Exception):
    """What a client is answered whom a form or a URL gives no right; the message begins with S3's code."""


@dataclass(frozen=True, slots=True)
class _Kept:
    info: BlobInfo
    data: bytes
    cache_control: str | None


class MemoryBlobs:
    """Keeps the objects of one bucket, as S3 keeps them.

    `created` are the objects that were written, in order, until somebody takes them. A client's part is
    played by `post` and `fetch`.
    """

    def __init__(self, bucket: str, clock: Clock) -> None:
        self.bucket = bucket
        self.created: list[BlobInfo] = []
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    @property
    def keys(self) -> list[str]:
        """The keys of all objects, in order."""
        return sorted(self._kept)

    def cache_control(self, key: str) -> str | None:
        """What caches were told of an object. Raises `NoBlob`."""
        return self._find(key).cache_control

    async def get(self, key: str, *, limit: int) -> Blob:
        await asyncio.sleep(0)
        found = self._find(key, limit)
        return Blob(key, found.data, found.info.content_type or "", found.info.etag)

    async def head(self, key: str) -> BlobInfo | None:
        await asyncio.sleep(0)
        return self._kept[key].info if key in self._kept else None

    async def download(self, key: str, to: Path, *, limit: int) -> BlobInfo:
        await asyncio.sleep(0)
        found = self._find(key, limit)
        await asyncio.to_thread(to.write_bytes, found.data)
        return found.info

    async def each(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        for key in self.keys:
            if key.startswith(prefix) and key > after and key in self._kept:
                await asyncio.sleep(0)
                info = self._kept[key].info
                yield BlobInfo(info.key, info.size, info.etag, info.modified)

    async def sign_download(self, key: str, *, expires: timedelta) -> str:
        until = (self._clock.now() + expires).isoformat()
        query = urlencode({"expires": until, "signature": _signature(f"{key}\n{until}")})
        return f"memory://{self.bucket}/{quote(key)}?{query}"

    def location(self, key: str) -> Location:
        return Location(self.bucket, key)

    async def put(
        self, key: str, data: bytes, *, content_type: str, cache_control: str | None = None
    ) -> None:
        await asyncio.sleep(0)
        self._write(key, data, content_type, cache_control)

    async def upload(
        self, path: Path, key: str, *, content_type: str, cache_control: str | None = None
    ) -> None:
        self._write(key, await asyncio.to_thread(path.read_bytes), content_type, cache_control)

    async def copy(self, key: str, to: str, *, content_type: str, etag: str | None = None) -> None:
        await asyncio.sleep(0)
        found = self._find(key)
        if etag not in (None, found.info.etag):
            raise NoBlob(f"{self.location(key).uri} is another by now")
        self._write(to, found.data, content_type, found.cache_control)

    async def delete(self, *keys: str) -> None:
        await asyncio.sleep(0)
        for key in keys:
            self._kept.pop(key, None)

    async def delete_all(self, prefix: str) -> None:
        await self.delete(*(key for key in self.keys if key.startswith(prefix)))

    async def sign_upload(
        self, key: str, *, content_type: str, size: tuple[int, int], expires: timedelta
    ) -> PresignedPost:
        fixed = {"key": key, "Content-Type": content_type}
        policy = {"until": (self._clock.now() + expires).isoformat(), "size": size, "fixed": fixed}
        text = base64.b64encode(json.dumps(policy).encode()).decode()
        fields = {**fixed, "policy": text, "x-amz-signature": _signature(text)}
        return PresignedPost(f"memory://{self.bucket}", fields)

    async def post(self, form: PresignedPost, data: bytes) -> BlobInfo:
        """What a client does with a form of `sign_upload`, and perhaps changed. Raises `BlobRefused`."""
        await asyncio.sleep(0)
        given = dict(form.fields)
        text = given.pop("policy", "")
        if given.pop("x-amz-signature", "") != _signature(text):
            raise BlobRefused("SignatureDoesNotMatch: the form was not signed here")
        policy: dict[str, Any] = json.loads(base64.b64decode(text))
        if self._clock.now() >= datetime.fromisoformat(policy["until"]):
            raise BlobRefused("AccessDenied: the form has expired")
        if given != policy["fixed"]:
            raise BlobRefused("AccessDenied: a field is not as the form fixes it")
        least, most = policy["size"]
        if len(data) < least:
            raise BlobRefused(f"EntityTooSmall: {len(data)} bytes, and the form takes {least} or more")
        if len(data) > most:
            raise BlobRefused(f"EntityTooLarge: {len(data)} bytes, and the form takes {most} at most")
        return self._write(given["key"], data, given["Content-Type"], None)

    async def fetch(self, url: str) -> Blob:
        """What a client does with a URL of `sign_download`. Raises `BlobRefused`, `NoBlob`."""
        parts = urlsplit(url)
        key, query = unquote(parts.path[1:]), dict(parse_qsl(parts.query))
        until = query.get("expires", "")
        if parts.netloc != self.bucket or query.get("signature") != _signature(f"{key}\n{until}"):
            raise BlobRefused("SignatureDoesNotMatch: the URL was not signed here")
        if self._clock.now() >= datetime.fromisoformat(until):
            raise BlobRefused("AccessDenied: the URL has expired")
        return await self.get(key, limit=self._find(key).info.size)

    def _find(self, key: str, limit: int | None = None) -> _Kept:
        if key not in self._kept:
            raise NoBlob(f"there is no {self.location(key).uri}")
        found = self._kept[key]
        if limit is not None and found.info.size > limit:
            raise BlobTooLarge(f"{self.location(key).uri} has {found.info.size} bytes, of {limit} at most")
        return found

    def _write(self, key: str, data: bytes, content_type: str, cache_control: str | None) -> BlobInfo:
        etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
        info = BlobInfo(key, len(data), etag, self._clock.now(), content_type)
        self._kept[key] = _Kept(info, data, cache_control)
        self.created.append(info)
        return info


def _signature(text: str) -> str:
    return hmac.new(SECRET, text.encode(), "sha256").hexdigest()
