"""Buckets of S3 keep the promises of their port, against an emulated one."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from botocore.session import get_session

from framework.tests.adapters.emulator import Emulator
from thestack.adapters.aws.blobs import SIGNING, S3Blobs
from thestack.ports import PresignedPost
from thestack.testing.conformance import BlobsConformance

pytestmark = pytest.mark.aws


class Clients:
    """A bucket, and who uses what it signs."""

    def __init__(self, emulator: Emulator, versioned: bool) -> None:
        name = f"things-{uuid4()}"
        s3 = emulator.client("s3")
        s3.create_bucket(Bucket=name)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        client = get_session().create_client("s3", config=SIGNING, **emulator.options)
        self.store, self.name, self.s3 = S3Blobs(client, name, versioned=versioned), name, s3

    async def post(self, form: PresignedPost, data: bytes) -> str:
        answer = await asyncio.to_thread(
            httpx.post, form.url, data=dict(form.fields), files={"file": ("name", data)}
        )
        if answer.is_success:
            return ""
        code = re.search("<Code>(.*)</Code>", answer.text)
        return code[1] if code else str(answer.status_code)

    async def fetch(self, url: str) -> bytes | None:
        answer = await asyncio.to_thread(httpx.get, url)
        return answer.content if answer.is_success else None


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "versioned"])
def clients(emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[Clients]:
    return Clients(emulator, request.param)


class TestS3Blobs(BlobsConformance):
    @pytest.fixture
    def bucket(self, clients: Clients) -> Clients:
        return clients


async def test_no_version_outlives_what_is_deleted_for_good(emulator: Emulator) -> None:
    clients = Clients(emulator, versioned=True)
    for data in (b"1", b"2"):
        await clients.store.put("things/1", data, content_type="text/plain")
    await clients.store.delete("things/1")
    assert await clients.store.head("things/1") is None
    assert len(clients.s3.list_object_versions(Bucket=clients.name)["Versions"]) == 2
    await clients.store.delete_all("things/")
    left = clients.s3.list_object_versions(Bucket=clients.name)
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
async def test_on_aws_what_is_signed_names_the_bucket_in_its_region(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"ID": "AKIDEXAMPLE", "SECRET_ACCESS": "secret"}.items():
        monkeypatch.setenv(f"AWS_{'ACCESS_KEY_ID' if name == 'ID' else 'SECRET_ACCESS_KEY'}", value)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    store = S3Blobs(get_session().create_client("s3", region, config=SIGNING), "images")
    minute = timedelta(minutes=1)
    form = await store.sign_upload("a/1", content_type="image/png", size=(1, 2), expires=minute)
    assert form.url == f"https://images.s3.{region}.amazonaws.com/"
    assert form.fields["x-amz-security-token"] == "token"
    url = await store.sign_download("a/1", expires=minute)
    assert urlsplit(url).netloc == f"images.s3.{region}.amazonaws.com"
    assert "X-Amz-Expires=60&" in url
