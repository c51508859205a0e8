"""Uploads on the running stack: what the memory adapters can't show of S3, its events and its rights."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from tests.e2e.conftest import Client, codes, eventually
from tests.e2e.test_iam import Roles, acting_as, allowed
from thestack.local.description import LocalStack
from thestack.operations.records import Record, parse

__all__ = ["acting_as"]  # a fixture

REQUEST = """mutation ($bytes: Int!) { requestUpload(kind: IMAGE, contentType: "image/png", bytes: $bytes) {
  mediaId url fields { name value }
} }"""
MEDIA = "query ($id: ID!) { media(id: $id) { state reason url renditions { url } } }"
DELETE = "mutation ($id: ID!) { deleteMedia(id: $id) { id } }"
IMAGES, VIDEOS = "local-media-images-000000000000", "local-media-videos-000000000000"


def picture(shade: int = 100) -> bytes:
    file = io.BytesIO()
    Image.new("L", (300, 200), shade).save(file, "PNG")
    return file.getvalue()


def form(client: Client, size: int = 100_000) -> dict[str, Any]:
    asked: dict[str, Any] = client.ask(REQUEST, bytes=size)["data"]["requestUpload"]
    return asked


def post(form: dict[str, Any], data: bytes) -> httpx.Response:
    fields = {each["name"]: each["value"] for each in form["fields"]}
    return httpx.post(form["url"], data=fields, files={"file": ("file", data)})


def ended(client: Client, id: str) -> dict[str, Any]:
    """What is shown of an upload, once it is READY or FAILED."""

    def look() -> dict[str, Any]:
        media: dict[str, Any] = client.ask(MEDIA, id=id)["data"]["media"]
        return media if media["state"] in ("READY", "FAILED") else {}

    return eventually(look)


def uploaded(client: Client) -> tuple[str, dict[str, Any]]:
    """An image that is READY, by its id."""
    asked = form(client)
    assert post(asked, picture()).status_code == 204
    media = ended(client, asked["mediaId"])
    assert media["state"] == "READY"
    return asked["mediaId"], media


def records(stack: LocalStack, function: str) -> list[Record]:
    """What a function has told of the messages that it took."""
    events = stack.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
    found = (parse(each["message"], function, datetime.now(UTC)) for each in events)
    return [each for each in found if each]


def test_an_image_is_heard_of_once_and_what_is_made_of_it_never(stack: LocalStack, alice: Client) -> None:
    """Were a rendition heard of, it would be so before the next upload is done."""
    before = len(records(stack, "local-media-on-image-uploaded"))
    for number in (1, 2):
        id, media = uploaded(alice)
        assert len(media["renditions"]) == 3
        assert len(records(stack, "local-media-on-image-uploaded")) == before + number
    listed = stack.client("s3").list_objects_v2(Bucket=IMAGES)["Contents"]
    assert len([each for each in listed if id in each["Key"]]) == 5  # upload, original, renditions


def test_what_is_shown_is_private_and_its_owners_to_show(alice: Client, bob: Client) -> None:
    id, media = uploaded(alice)
    for url in (media["url"], media["renditions"][0]["url"]):
        assert httpx.get(url).status_code == 200
        assert httpx.get(url.partition("?")[0]).status_code == 403
        assert httpx.get(url.replace("X-Amz-Expires=", "X-Amz-Expires=9")).status_code == 403
    assert httpx.get(media["url"].partition(IMAGES)[0] + IMAGES).status_code == 403
    for query in (MEDIA, DELETE):
        assert codes(bob.ask(query, id=id)) == ["NOT_FOUND"]


def test_deleting_leaves_no_version_of_anything(stack: LocalStack, alice: Client) -> None:
    id, media = uploaded(alice)
    assert alice.ask(DELETE, id=id)["data"]["deleteMedia"] == {"id": id}

    def left() -> list[str]:
        found = stack.client("s3").list_object_versions(Bucket=IMAGES)
        every = (*found.get("Versions", ()), *found.get("DeleteMarkers", ()))
        return [each["Key"] for each in every if id in each["Key"]]

    eventually(lambda: not left())
    assert httpx.get(media["url"]).status_code == 404


def test_a_form_that_is_posted_again_changes_nothing_that_is_shown(stack: LocalStack, alice: Client) -> None:
    asked = form(alice)
    assert post(asked, picture(10)).status_code == 204
    shown = ended(alice, asked["mediaId"])
    before = len(records(stack, "local-media-on-image-uploaded"))
    assert post(asked, picture(250)).status_code == 204
    eventually(lambda: len(records(stack, "local-media-on-image-uploaded")) > before)
    assert httpx.get(shown["url"]).content == picture(10)
    assert alice.ask(MEDIA, id=asked["mediaId"])["data"]["media"]["state"] == "READY"


def test_many_at_once_are_all_counted(stack: LocalStack, client_for: Callable[..., Client]) -> None:
    """The row of what an owner keeps is written by each: conflicts are tried again, and lose none."""
    carl = client_for("carl")
    forms = [form(carl) for _ in range(8)]
    for each in forms:
        assert post(each, picture()).status_code == 204
    assert [ended(carl, each["mediaId"])["state"] for each in forms] == ["READY"] * 8
    assert carl.user
    rows = stack.client("dynamodb").scan(TableName="local-media")["Items"]
    (usage,) = [each for each in rows if "Usage" in each["pk"]["S"] and carl.user.id in each["pk"]["S"]]
    assert (usage["count"], usage["bytes"]) == ({"N": "8"}, {"N": str(8 * len(picture()))})


@pytest.mark.parametrize(
    ("function", "own", "other"),
    [
        ("local-media-queue-render", IMAGES, VIDEOS),
        ("local-media-on-image-uploaded", IMAGES, VIDEOS),
        ("local-media-queue-transcode", VIDEOS, IMAGES),
    ],
)
def test_a_function_reaches_the_buckets_that_it_asks_for_alone(
    acting_as: Roles, function: str, own: str, other: str
) -> None:
    s3 = acting_as(function)("s3")
    assert allowed(s3.put_object, Bucket=own, Key="test/1", Body=b"1")
    assert allowed(s3.get_object, Bucket=own, Key="test/1")
    assert allowed(s3.delete_object, Bucket=own, Key="test/1")
    for call in (s3.put_object, s3.get_object, s3.delete_object):
        body = {"Body": b"1"} if call == s3.put_object else {}
        assert not allowed(call, Bucket=other, Key="test/1", **body)
    assert not allowed(s3.put_bucket_policy, Bucket=own, Policy="{}")
    assert not allowed(acting_as("local-todo-graphql")("s3").list_objects_v2, Bucket=own)


def test_frontends_of_the_environment_may_use_the_buckets(stack: LocalStack) -> None:
    """CORS rules are stored on the emulator, and not enforced."""
    s3 = stack.client("s3")
    for bucket in (IMAGES, VIDEOS):
        (rule,) = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
        assert rule["AllowedOrigins"] == ["http://localhost:5173"]
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
            s3.get_bucket_policy(Bucket=bucket)
