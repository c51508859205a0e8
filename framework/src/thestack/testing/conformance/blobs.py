# ruff: noqa: S101 - a suite of tests asserts
"""What every BlobStore does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from thestack.ports import BlobInfo, BlobStore, BlobTooLarge, NoBlob, PresignedPost

TEXT, MINUTE = "text/plain", timedelta(minutes=1)


class BlobsUnderTest(Protocol):
    """A bucket, and clients without rights of their own who use what is signed."""

    @property
    def store(self) -> BlobStore: ...

    async def post(self, form: PresignedPost, data: bytes) -> str:
        """Post a form as a browser does. Empty if it is taken, else the code of the refusal."""
        ...

    async def fetch(self, url: str) -> bytes | None:
        """What a URL answers; None where it is refused."""
        ...


async def found(objects: BlobStore, prefix: str) -> Sequence[BlobInfo]:
    """The objects whose keys begin so."""
    return [each async for each in objects.each(prefix)]


@pytest.mark.asyncio
class BlobsConformance:
    """Inherit and give the fixture `bucket`, a `BlobsUnderTest`."""

    @pytest.fixture
    def key(self) -> str:
        """A key that no other test has, with what URLs and forms must not stumble over."""
        return f"things/{uuid4()}/Zoë & co+1.txt"

    async def test_what_is_put_is_got_whole(self, bucket: BlobsUnderTest, key: str) -> None:
        data = bytes(range(256)) * 10
        await bucket.store.put(key, data, content_type="application/x-test")
        got = await bucket.store.get(key, limit=len(data))
        assert (got.key, got.data, got.content_type) == (key, data, "application/x-test")

    async def test_what_is_not_there_is_told_so(
        self, bucket: BlobsUnderTest, key: str, tmp_path: Path
    ) -> None:
        assert await bucket.store.head(key) is None
        with pytest.raises(NoBlob, match="things/"):
            await bucket.store.get(key, limit=1)
        with pytest.raises(NoBlob, match="things/"):
            await bucket.store.download(key, tmp_path / "file", limit=1)

    async def test_what_is_larger_than_the_limit_is_not_read(
        self, bucket: BlobsUnderTest, key: str, tmp_path: Path
    ) -> None:
        await bucket.store.put(key, b"12345", content_type=TEXT)
        with pytest.raises(BlobTooLarge, match="5 bytes, of 4"):
            await bucket.store.get(key, limit=4)
        with pytest.raises(BlobTooLarge, match="5 bytes, of 4"):
            await bucket.store.download(key, tmp_path / "file", limit=4)
        assert not (tmp_path / "file").exists()

    async def test_a_listing_goes_on_behind_a_key_that_need_not_be_there(
        self, bucket: BlobsUnderTest, key: str
    ) -> None:
        keys = [f"{key}/{number}" for number in range(4)]
        for each in keys:
            await bucket.store.put(each, b"1", content_type=TEXT)
        for after, left in ((keys[1], keys[2:]), (f"{keys[1]}~", keys[2:]), (keys[3], []), ("", keys)):
            assert [each.key async for each in bucket.store.each(key, after=after)] == left

    async def test_head_and_listing_agree(self, bucket: BlobsUnderTest, key: str) -> None:
        await bucket.store.put(key, b"12345", content_type=TEXT)
        head = await bucket.store.head(key)
        assert head
        assert (head.key, head.size, head.content_type) == (key, 5, TEXT)
        (listed,) = await found(bucket.store, key)
        assert replace(listed, modified=head.modified, content_type=TEXT) == head
        assert (await bucket.store.get(key, limit=5)).etag == head.etag

    async def test_a_listing_is_of_a_beginning_and_in_order(self, bucket: BlobsUnderTest, key: str) -> None:
        for name in ("b", "a/2", "a/1"):
            await bucket.store.put(f"{key}/{name}", b"1", content_type=TEXT)
        assert [each.key for each in await found(bucket.store, f"{key}/a/")] == [f"{key}/a/1", f"{key}/a/2"]
        assert await found(bucket.store, f"{key}/c") == []

    async def test_files_come_and_go(self, bucket: BlobsUnderTest, key: str, tmp_path: Path) -> None:
        (tmp_path / "from").write_bytes(b"x" * 3_000_000)
        await bucket.store.upload(tmp_path / "from", key, content_type=TEXT)
        info = await bucket.store.download(key, tmp_path / "to", limit=3_000_000)
        assert (info.size, info.content_type) == (3_000_000, TEXT)
        assert (tmp_path / "to").read_bytes() == (tmp_path / "from").read_bytes()

    async def test_the_later_object_takes_the_place_of_the_earlier(
        self, bucket: BlobsUnderTest, key: str
    ) -> None:
        await bucket.store.put(key, b"1", content_type=TEXT)
        await bucket.store.put(key, b"2", content_type=TEXT)
        assert (await bucket.store.get(key, limit=1)).data == b"2"

    async def test_a_copy_is_of_the_content_that_is_meant(self, bucket: BlobsUnderTest, key: str) -> None:
        await bucket.store.put(key, b"1", content_type=TEXT)
        head = await bucket.store.head(key)
        assert head
        await bucket.store.copy(key, f"{key}/copy", content_type="text/csv", etag=head.etag)
        copied = await bucket.store.get(f"{key}/copy", limit=1)
        assert (copied.data, copied.content_type) == (b"1", "text/csv")
        await bucket.store.put(key, b"2", content_type=TEXT)
        with pytest.raises(NoBlob, match="another by now"):
            await bucket.store.copy(key, f"{key}/copy", content_type=TEXT, etag=head.etag)
        await bucket.store.copy(key, f"{key}/copy", content_type=TEXT)
        assert (await bucket.store.get(f"{key}/copy", limit=1)).data == b"2"
        with pytest.raises(NoBlob, match="there is no"):
            await bucket.store.copy(f"{key}/none", f"{key}/copy", content_type=TEXT)

    async def test_deleting_is_no_mistake_twice(self, bucket: BlobsUnderTest, key: str) -> None:
        await bucket.store.put(f"{key}/1", b"1", content_type=TEXT)
        await bucket.store.put(f"{key}/2", b"1", content_type=TEXT)
        await bucket.store.delete(f"{key}/1", f"{key}/3")
        await bucket.store.delete(f"{key}/1")
        await bucket.store.delete()
        assert [each.key for each in await found(bucket.store, key)] == [f"{key}/2"]

    async def test_all_of_a_beginning_are_deleted(self, bucket: BlobsUnderTest, key: str) -> None:
        for name in ("a/1", "a/2", "b"):
            await bucket.store.put(f"{key}/{name}", b"1", content_type=TEXT)
        await bucket.store.delete_all(f"{key}/a/")
        await bucket.store.delete_all(f"{key}/a/")
        assert [each.key for each in await found(bucket.store, key)] == [f"{key}/b"]

    async def test_a_location_names_bucket_and_key(self, bucket: BlobsUnderTest) -> None:
        location = bucket.store.location("things/1")
        assert location.uri == f"s3://{location.bucket}/things/1"

    async def test_a_signed_url_fetches_its_object_alone(self, bucket: BlobsUnderTest, key: str) -> None:
        await bucket.store.put(key, b"12345", content_type=TEXT)
        await bucket.store.put("things/other", b"1", content_type=TEXT)
        url = await bucket.store.sign_download(key, expires=MINUTE)
        assert await bucket.fetch(url) == b"12345"
        path, _, query = url.partition("?")
        beginning = path[: path.index("things/")]
        assert await bucket.fetch(f"{beginning}things/other?{query}") is None
        assert await bucket.fetch(path) is None

    async def test_a_form_uploads_what_it_was_signed_for(self, bucket: BlobsUnderTest, key: str) -> None:
        form = await bucket.store.sign_upload(key, content_type=TEXT, size=(2, 4), expires=MINUTE)
        for data in (b"12", b"1234"):
            assert await bucket.post(form, data) == ""
            got = await bucket.store.get(key, limit=4)
            assert (got.data, got.content_type) == (data, TEXT)

    @pytest.mark.parametrize(("data", "code"), [(b"1", "EntityTooSmall"), (b"12345", "EntityTooLarge")])
    async def test_a_form_takes_no_more_and_no_less(
        self, bucket: BlobsUnderTest, key: str, data: bytes, code: str
    ) -> None:
        form = await bucket.store.sign_upload(key, content_type=TEXT, size=(2, 4), expires=MINUTE)
        assert await bucket.post(form, data) == code
        assert await bucket.store.head(key) is None

    @pytest.mark.parametrize("field", ["key", "Content-Type"])
    async def test_a_form_fixes_its_fields(self, bucket: BlobsUnderTest, key: str, field: str) -> None:
        form = await bucket.store.sign_upload(key, content_type=TEXT, size=(1, 4), expires=MINUTE)
        changed = PresignedPost(form.url, {**form.fields, field: f"{form.fields[field]}x"})
        assert await bucket.post(changed, b"12") == "AccessDenied"
        assert await found(bucket.store, key) == []

    async def test_a_form_that_was_not_signed_is_refused(self, bucket: BlobsUnderTest, key: str) -> None:
        form = await bucket.store.sign_upload(key, content_type=TEXT, size=(1, 4), expires=MINUTE)
        forged = {**form.fields, "x-amz-signature": "0" * 64}
        assert await bucket.post(PresignedPost(form.url, forged), b"12") == "SignatureDoesNotMatch"
        assert await bucket.store.head(key) is None

    async def test_a_form_that_has_expired_is_refused(self, bucket: BlobsUnderTest, key: str) -> None:
        form = await bucket.store.sign_upload(key, content_type=TEXT, size=(1, 4), expires=-MINUTE)
        assert await bucket.post(form, b"12") == "AccessDenied"
