"""Uploads in memory: signed, refused where S3 refuses them, and told to whoever hears of the area."""

from datetime import timedelta
from typing import Any

import pytest

from framework.tests.testing import gallery
from thestack.definition import names
from thestack.testing import BlobRefused, Harness, Outcome, user

ALICE, THEIRS = user("alice"), user("alice", tenant="other")
UPLOAD = 'mutation { upload(id: "1") { url fields { name value } } }'


@pytest.fixture
def harness() -> Harness:
    return Harness(gallery)


async def form(harness: Harness, scope: Any = ALICE) -> tuple[str, dict[str, str]]:
    answer = (await harness["gallery"].ask(UPLOAD, scope))["data"]["upload"]
    return answer["url"], {each["name"]: each["value"] for each in answer["fields"]}


async def shown(harness: Harness, scope: Any = ALICE) -> str:
    return str((await harness["gallery"].ask('{ shown(id: "1") }', scope))["data"]["shown"])


async def test_what_is_uploaded_is_heard_of_in_its_area_and_nowhere_else(harness: Harness) -> None:
    await harness.upload(*await form(harness), b"hello")
    await harness.settle()
    assert (await harness.download(await shown(harness))).data == b"HELLO"
    (attempt,) = harness.attempts
    assert (attempt.consumer, attempt.outcome) == ("gallery.show", Outcome.EFFECTED)
    assert attempt.envelope.data["object"]["size"] == 5


async def test_what_no_consumer_hears_of_goes_by(harness: Harness) -> None:
    await harness["gallery"].ask('mutation { sing(id: "1") }', ALICE)
    await harness.settle()
    assert harness.attempts == []


async def test_an_event_is_in_the_tenant_of_its_object(harness: Harness) -> None:
    await harness.upload(*await form(harness, THEIRS), b"hello")
    await harness.settle()
    bucket = harness["gallery"].buckets["texts"]
    assert bucket.keys == ["shown/other/alice/1", "uploads/other/alice/1"]
    assert (await harness.download(await shown(harness, THEIRS))).data == b"HELLO"
    place = names.blob_place("main", "shown/alice/1")
    assert await bucket.head(place) is None


async def test_the_same_event_twice_takes_effect_once(harness: Harness) -> None:
    await harness.upload(*await form(harness), b"hello")
    await harness.settle()
    assert await harness.deliver(harness.attempts[0].envelope) == [Outcome.DUPLICATE]


@pytest.mark.parametrize(
    ("change", "data", "code"),
    [
        ({}, b"x" * 11, "EntityTooLarge"),
        ({}, b"", "EntityTooSmall"),
        ({"key": "uploads/main/bob/1"}, b"x", "AccessDenied"),
        ({"x-amz-signature": "0"}, b"x", "SignatureDoesNotMatch"),
    ],
)
async def test_a_client_is_refused_as_s3_would(
    harness: Harness, change: dict[str, str], data: bytes, code: str
) -> None:
    url, fields = await form(harness)
    with pytest.raises(BlobRefused, match=code):
        await harness.upload(url, fields | change, data)
    await harness.settle()
    assert harness.attempts == []


async def test_what_was_signed_ends(harness: Harness) -> None:
    url, fields = await form(harness)
    harness.clock.advance(timedelta(minutes=5))
    with pytest.raises(BlobRefused, match="AccessDenied"):
        await harness.upload(url, fields, b"x")
    with pytest.raises(KeyError, match="nothing here signed"):
        await harness.download("memory://elsewhere/key")
