"""A tenant's objects are no other tenant's."""

from datetime import timedelta

import pytest

from thestack.adapters.memory.blobs import MemoryBlobs
from thestack.definition import names
from thestack.ports import NoBlob
from thestack.runtime.blobs import TenantBlobs
from thestack.testing import fixed_clock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store() -> MemoryBlobs:
    return MemoryBlobs("images", fixed_clock())


async def test_a_key_is_told_without_the_tenant(store: MemoryBlobs) -> None:
    blobs = TenantBlobs(store, "main")
    await blobs.put("shown/a/1", b"12", content_type="text/plain")
    assert store.keys == ["shown/main/a/1"]
    assert (await blobs.get("shown/a/1", limit=2)).key == "shown/a/1"
    head = await blobs.head("shown/a/1")
    assert head
    assert head.key == "shown/a/1"
    for prefix in ("shown/", "shown/a", "shown/a/"):
        assert [each.key async for each in blobs.each(prefix)] == ["shown/a/1"]
    assert blobs.location("shown/a/1").uri == "s3://images/shown/main/a/1"


async def test_tenants_see_nothing_of_each_other(store: MemoryBlobs) -> None:
    ours, theirs = TenantBlobs(store, "main"), TenantBlobs(store, "main2")
    await ours.put("shown/1", b"12", content_type="text/plain")
    assert await theirs.head("shown/1") is None
    with pytest.raises(NoBlob):
        await theirs.get("shown/1", limit=2)
    assert [each async for each in theirs.each("shown/")] == []
    await theirs.delete_all("shown/")
    await theirs.delete("shown/1")
    assert await ours.head("shown/1")


async def test_a_copy_stays_with_the_tenant(store: MemoryBlobs) -> None:
    blobs = TenantBlobs(store, "main")
    await blobs.put("uploads/1", b"12", content_type="text/plain")
    await blobs.copy("uploads/1", "shown/1", content_type="text/plain")
    assert store.keys == ["shown/main/1", "uploads/main/1"]


async def test_a_form_writes_into_the_tenants_own(store: MemoryBlobs) -> None:
    blobs = TenantBlobs(store, "main")
    form = await blobs.sign_upload("uploads/1", content_type="image/png", size=(1, 5), expires=MINUTE)
    await store.post(form, b"123")
    assert (await blobs.get("uploads/1", limit=5)).data == b"123"
    assert (await store.fetch(await blobs.sign_download("uploads/1", expires=MINUTE))).data == b"123"


@pytest.mark.parametrize("key", ["", "a", "/1", "a/", "a/b/", "a/../1", "a//1", "a/..", "a/."])
async def test_what_is_no_key_is_refused(store: MemoryBlobs, key: str) -> None:
    with pytest.raises(ValueError, match="no key of an object"):
        await TenantBlobs(store, "main").put(key, b"1", content_type="text/plain")


@pytest.mark.parametrize("prefix", ["", "uploads", "uploads/../"])
async def test_no_beginning_leads_out_of_an_area(store: MemoryBlobs, prefix: str) -> None:
    with pytest.raises(ValueError, match="no key of an object"):
        await TenantBlobs(store, "main").delete_all(prefix)


@pytest.mark.parametrize("tenant", ["main", "a/b", "..", "Zoë & co"])
def test_whatever_a_tenant_is_called_its_objects_are_told_apart(tenant: str) -> None:
    assert names.blob_key(names.blob_place(tenant, "area/a/b")) == (tenant, "area/a/b")
    assert names.blob_place(tenant, "area/x").count("/") == 2
