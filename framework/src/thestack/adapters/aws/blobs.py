"""Objects in a bucket of S3."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from thestack.ports.blobs import Blob, BlobInfo, BlobTooLarge, Location, NoBlob, PresignedPost

SIGNING = Config(
    connect_timeout=2,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 3},
    # Of a signed URL these decide its host: the bucket's own in its own region, which redirects nobody.
    signature_version="s3v4",
    s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
)
"""How a client for `S3Blobs` is made. Where its endpoint is an address, the bucket stands in the path."""
MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
PIECE = 1024 * 1024
BATCH = 1000
"""How many objects S3 deletes at once."""


class S3Blobs:
    """One bucket; `client` is botocore's of s3, made with `SIGNING`. `versioned` says that the bucket is."""

    def __init__(self, client: Any, bucket: str, *, versioned: bool = False) -> None:
        self._client, self._bucket, self._versioned = client, bucket, versioned

    async def get(self, key: str, *, limit: int) -> Blob:
        return await asyncio.to_thread(self._get, key, limit)

    async def head(self, key: str) -> BlobInfo | None:
        try:
            answer = await self._call("head_object", Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise
        return _info(key, answer)

    async def download(self, key: str, to: Path, *, limit: int) -> BlobInfo:
        return await asyncio.to_thread(self._download, key, to, limit)

    async def each(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        more: dict[str, Any] = {"StartAfter": after} if after else {}
        while True:
            page = await self._call("list_objects_v2", Prefix=prefix, **more)
            for each in page.get("Contents", ()):
                yield BlobInfo(each["Key"], each["Size"], each["ETag"].strip('"'), each["LastModified"])
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    async def sign_download(self, key: str, *, expires: timedelta) -> str:
        where = {"Bucket": self._bucket, "Key": key}
        url = self._client.generate_presigned_url("get_object", where, ExpiresIn=int(expires.total_seconds()))
        return str(url)

    def location(self, key: str) -> Location:
        return Location(self._bucket, key)

    async def put(
        self, key: str, data: bytes, *, content_type: str, cache_control: str | None = None
    ) -> None:
        await self._call("put_object", Key=key, Body=data, **_described(content_type, cache_control))

    async def upload(
        self, path: Path, key: str, *, content_type: str, cache_control: str | None = None
    ) -> None:
        with path.open("rb") as body:
            await self._call("put_object", Key=key, Body=body, **_described(content_type, cache_control))

    async def copy(self, key: str, to: str, *, content_type: str, etag: str | None = None) -> None:
        source = {"Bucket": self._bucket, "Key": key}
        same = {} if etag is None else {"CopySourceIfMatch": etag}
        described = {"MetadataDirective": "REPLACE", "ContentType": content_type}
        try:
            await self._call("copy_object", Key=to, CopySource=source, **same, **described)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                raise NoBlob(f"there is no {self.location(key).uri}") from None
            if error.response["Error"]["Code"] == "PreconditionFailed":
                raise NoBlob(f"{self.location(key).uri} is another by now") from None
            raise

    async def delete(self, *keys: str) -> None:
        await asyncio.to_thread(self._delete, [{"Key": key} for key in keys])

    async def delete_all(self, prefix: str) -> None:
        await asyncio.to_thread(self._delete_all, prefix)

    async def sign_upload(
        self, key: str, *, content_type: str, size: tuple[int, int], expires: timedelta
    ) -> PresignedPost:
        form = self._client.generate_presigned_post(
            self._bucket,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", *size]],
            ExpiresIn=int(expires.total_seconds()),
        )
        return PresignedPost(form["url"], form["fields"])

    async def _call(self, operation: str, **arguments: Any) -> Any:
        return await asyncio.to_thread(getattr(self._client, operation), Bucket=self._bucket, **arguments)

    def _open(self, key: str, limit: int) -> Any:
        """The answer with the object's body, which is not read yet and must be closed."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                raise NoBlob(f"there is no {self.location(key).uri}") from None
            raise
        if answer["ContentLength"] > limit:
            answer["Body"].close()
            size = answer["ContentLength"]
            raise BlobTooLarge(f"{self.location(key).uri} has {size} bytes, of {limit} at most")
        return answer

    def _get(self, key: str, limit: int) -> Blob:
        answer = self._open(key, limit)
        with closing(answer["Body"]) as body:
            data: bytes = body.read()
        return Blob(key, data, answer["ContentType"], answer["ETag"].strip('"'))

    def _download(self, key: str, to: Path, limit: int) -> BlobInfo:
        answer = self._open(key, limit)
        with closing(answer["Body"]) as body, to.open("wb") as file:
            while piece := body.read(PIECE):
                file.write(piece)
        return _info(key, answer)

    def _delete(self, objects: list[dict[str, str]]) -> None:
        for start in range(0, len(objects), BATCH):
            some = {"Objects": objects[start : start + BATCH], "Quiet": True}
            answer = self._client.delete_objects(Bucket=self._bucket, Delete=some)
            for failed in answer.get("Errors", ()):
                where = self.location(failed["Key"]).uri
                raise RuntimeError(f"{where} is not deleted: {failed['Code']}, {failed['Message']}")

    def _delete_all(self, prefix: str) -> None:
        operation = "list_object_versions" if self._versioned else "list_objects_v2"
        for page in self._client.get_paginator(operation).paginate(Bucket=self._bucket, Prefix=prefix):
            self._delete(list(_named(page)))


def _named(page: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The objects of a page, or their versions and what marks them as deleted, as deletions name them."""
    for each in page.get("Contents", ()):
        yield {"Key": each["Key"]}
    for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
        yield {"Key": each["Key"], "VersionId": each["VersionId"]}


def _described(content_type: str, cache_control: str | None) -> dict[str, str]:
    cached = {} if cache_control is None else {"CacheControl": cache_control}
    return {"ContentType": content_type, **cached}


def _info(key: str, answer: Mapping[str, Any]) -> BlobInfo:
    etag, modified = answer["ETag"].strip('"'), answer["LastModified"]
    return BlobInfo(key, answer["ContentLength"], etag, modified, answer["ContentType"])
