"""A rehearsal reads what lies in buckets, and tells what would become of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from framework.tests.testing import gallery
from thestack.adapters.memory.blobs import MemoryBlobs
from thestack.adapters.memory.store import MemoryStore
from thestack.ports import BlobTooLarge
from thestack.runtime.rehearse import Verdict, rehearse
from thestack.runtime.rehearsed_blobs import RehearsedBlobs
from thestack.testing import Harness, fixed_clock
from thestack.testing.aws import object_created

TEXT = "text/plain"


@pytest.fixture
async def source() -> MemoryBlobs:
    blobs = MemoryBlobs("texts", fixed_clock())
    await blobs.put("a/1", b"one", content_type=TEXT)
    return blobs


async def test_a_consumer_is_rehearsed_on_what_was_uploaded() -> None:
    running = Harness(gallery)["gallery"]
    texts = running.buckets["texts"]
    await texts.put("uploads/main/alice/1", b"hello", content_type=TEXT)
    event = object_created(texts.created[0], texts.bucket)
    show = running.definition("show")
    told = await rehearse(running.model, show, running.ports, MemoryStore(), event.to_json())
    assert (told.verdict, told.error) == (Verdict.EFFECTED, None)
    assert told.objects == (f"put s3://{texts.bucket}/shown/main/alice/1, 5 bytes",)
    assert [change.entity for change in told.changes] == ["Made"]
    assert texts.keys == ["uploads/main/alice/1"]


async def test_its_own_writes_are_seen_and_not_done(source: MemoryBlobs, tmp_path: Path) -> None:
    noted: list[str] = []
    blobs = RehearsedBlobs(source, noted)
    (tmp_path / "file").write_bytes(b"three")
    await blobs.put("a/2", b"two", content_type=TEXT)
    await blobs.upload(tmp_path / "file", "a/3", content_type=TEXT)
    await blobs.copy("a/1", "a/4", content_type=TEXT)
    for key, data in (("a/1", b"one"), ("a/2", b"two"), ("a/3", b"three"), ("a/4", b"one")):
        assert (await blobs.get(key, limit=5)).data == data
        info = await blobs.download(key, tmp_path / "to", limit=5)
        assert (info.key, (tmp_path / "to").read_bytes()) == (key, data)
        head = await blobs.head(key)
        assert head
        assert head.size == len(data)
    with pytest.raises(BlobTooLarge):
        await blobs.get("a/2", limit=2)
    await blobs.delete("a/1")
    await blobs.delete_all("a/")
    assert source.keys == ["a/1"]
    assert noted == [
        "put s3://texts/a/2, 3 bytes",
        "put s3://texts/a/3, 5 bytes",
        "copy s3://texts/a/1 to s3://texts/a/4",
        "delete s3://texts/a/1",
        "delete all of s3://texts/a/",
    ]
    assert (await source.fetch(await blobs.sign_download("a/1", expires=timedelta(1)))).data == b"one"
