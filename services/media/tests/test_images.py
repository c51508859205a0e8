"""Images: from the form to the renditions, or to a reason."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.media.limits import AWAITED, FAILURE_TOLD, LIMITS, Limit, MediaKind
from services.media.owned import RENDITIONS, place
from services.media.tests.uploads import BOB, DELETE, REQUEST, Client, picture
from thestack import Id
from thestack.testing import BlobRefused, Outcome, user

FIND = "query ($id: ID!) { media(id: $id) { id } }"


@pytest.fixture
def client() -> Client:
    return Client()


async def events(client: Client) -> list[dict[str, Any]]:
    return [{**each.data, "type": each.type} for each in await client.harness.settle()]


async def test_an_upload_becomes_renditions(client: Client) -> None:
    form = await client.form()
    before = await client.seen(form["mediaId"])
    assert (before["__typename"], before["state"], before["url"]) == ("Image", "AWAITING_UPLOAD", None)
    data = picture()
    await client.post(form, data)
    assert (await client.seen(form["mediaId"]))["state"] == "AWAITING_UPLOAD"  # whatever the client knows
    moved = [each for each in await events(client) if each["type"].startswith("media.")]
    seen = await client.seen(form["mediaId"])
    assert (seen["state"], seen["reason"], seen["size"]) == ("READY", None, len(data))
    assert (seen["contentType"], seen["width"], seen["height"]) == ("image/png", 400, 200)
    assert (await client.harness.download(seen["url"])).data == data
    sizes = {each["name"]: (each["width"], each["height"]) for each in seen["renditions"]}
    assert sizes == {"large": (400, 200), "medium": (400, 200), "thumb": (256, 128)}
    for each in seen["renditions"]:
        fetched = await client.harness.download(each["url"])
        assert (fetched.content_type, fetched.data[8:12]) == ("image/webp", b"WEBP")
    assert [each["type"] for each in moved] == ["media.uploaded", "media.ready"]
    assert moved[0] | {"uploaded_at": ""} == {
        "type": "media.uploaded",
        "media_id": form["mediaId"],
        "owner_id": "alice",
        "kind": "IMAGE",
        "bytes": len(data),
        "uploaded_at": "",
    }


async def test_renditions_are_not_heard_of(client: Client) -> None:
    await client.image()
    assert len([key for key in client.objects("images") if key.startswith("renditions/")]) == 3
    assert client.heard() == ["Object Created", "media/rendering"]


async def test_a_form_is_of_one_object_one_type_and_so_many_bytes(client: Client) -> None:
    form = await client.form(size=10)
    fields = {each["name"]: each["value"] for each in form["fields"]}
    assert fields["Content-Type"] == "image/png"
    assert fields["key"] == f"uploads/main/alice/{form['mediaId']}"
    for change, data in (({}, b"x" * 11), ({"Content-Type": "text/html"}, b"x"), ({"key": "x"}, b"x")):
        with pytest.raises(BlobRefused):
            await client.harness.upload(form["url"], fields | change, data)
    client.harness.clock.advance(timedelta(minutes=15))
    with pytest.raises(BlobRefused, match="expired"):
        await client.post(form, b"x")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><script>alert(1)</script></html>", "JPEG, PNG, WebP|image"),
        (picture()[:100], "The file ends before the image does."),
        (picture(format="JPEG"), "The file is image/jpeg, and was announced as image/png."),
    ],
    ids=["a fake", "a part", "another type"],
)
async def test_what_is_no_such_image_fails_once_with_the_reason(
    client: Client, data: bytes, reason: str
) -> None:
    id = await client.image(data)
    seen = await client.seen(id)
    assert (seen["state"], seen["url"], seen["renditions"]) == ("FAILED", None, [])
    assert re.search(reason, seen["reason"])
    assert client.objects("images") == []
    assert client.harness.dead_letters == []
    assert [each.outcome for each in client.harness.attempts] == [Outcome.EFFECTED] * 3
    client.harness.clock.advance(FAILURE_TOLD)
    assert (await client.code(FIND, id=id))[0] == "NOT_FOUND"


async def test_a_second_upload_by_the_same_form_changes_nothing(client: Client) -> None:
    form = await client.form()
    await client.post(form, picture())
    await client.harness.settle()
    first = await client.seen(form["mediaId"])
    await client.post(form, picture(10, 10))
    await client.harness.settle()
    again = await client.seen(form["mediaId"])
    assert {**again, "url": "", "renditions": []} == {**first, "url": "", "renditions": []}
    assert (await client.harness.download(again["url"])).data == picture()


async def test_an_event_that_comes_twice_or_after_the_next_upload_is_one(client: Client) -> None:
    form = await client.form()
    await client.post(form, picture())
    await client.post(form, picture(20, 10))
    await client.harness.settle()
    seen = await client.seen(form["mediaId"])
    assert (seen["state"], seen["width"], seen["size"]) == ("READY", 20, len(picture(20, 10)))
    arrived = [each.envelope for each in client.harness.attempts if each.envelope.type == "Object Created"]
    for each in arrived:
        await client.harness.deliver(each)
    assert client.heard().count("media/rendering") == 1


async def test_an_upload_that_never_came_is_given_up(client: Client) -> None:
    form = await client.form()
    client.harness.clock.advance(AWAITED)
    assert (await client.code(FIND, id=form["mediaId"]))[0] == "NOT_FOUND"


async def test_what_comes_for_nobody_is_deleted(client: Client) -> None:
    form = await client.form()
    await client.ask(DELETE, id=form["mediaId"])
    await client.harness.settle()
    await client.post(form, picture())
    await client.harness.settle()
    assert client.heard()[-1] == "Object Created"
    assert client.objects("images") == []


async def test_deleting_takes_the_objects_and_says_so(client: Client) -> None:
    id = await client.image()
    answer = await client.ask(DELETE, id=id)
    assert answer["deleteMedia"] == {"id": id, "state": "READY"}
    assert client.objects("images") != []
    moved = await events(client)
    assert [each["type"] for each in moved] == ["media.deleted", "media/cleaning"]
    assert client.objects("images") == []
    assert (await client.code(DELETE, id=id))[0] == "NOT_FOUND"


async def test_what_is_deleted_while_it_is_rendered_leaves_nothing(client: Client) -> None:
    form = await client.form()
    await client.post(form, picture())
    (event,) = client.running.written()
    await client.harness.deliver(event)
    await client.ask(DELETE, id=form["mediaId"])
    await client.harness.settle()
    late = place(RENDITIONS, Id("main/alice"), form["mediaId"])
    await client.running.buckets["images"].put(f"{late}/thumb.webp", b"late", content_type="image/webp")
    asked = next(each.envelope for each in client.harness.attempts if each.consumer == "media.render")
    assert await client.harness.deliver(replace(asked, id="again")) == [Outcome.EFFECTED]
    assert client.objects("images") == []
    assert client.harness.dead_letters == []


async def test_an_upload_is_its_owners(client: Client) -> None:
    id = await client.image()
    for query in (DELETE, FIND):
        assert (await client.code(query, BOB, id=id))[0] == "NOT_FOUND"
    referred = f'{{__typename: "Media", id: "{id}"}}'
    asked = f"{{ _entities(representations: [{referred}]) {{ ... on Media {{ url }} }} }}"
    assert await client.ask(asked, BOB) == {"_entities": [None]}
    (found,) = (await client.ask(asked))["_entities"]
    assert found["url"]


# Limits


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Limit:
    """An owner may keep two images, of 1500 bytes together."""
    few = Limit(1000, 2, 1500, LIMITS[MediaKind.IMAGE].types)
    monkeypatch.setitem(LIMITS, MediaKind.IMAGE, few)
    return few


@pytest.mark.parametrize(
    ("asked", "code", "message"),
    [
        (
            {"type": "image/svg+xml"},
            "MEDIA_TYPE_REFUSED",
            "image/svg+xml is not taken; image/gif",
        ),
        ({"kind": "VIDEO"}, "MEDIA_TYPE_REFUSED", "image/png is not taken; video/mp4"),
        ({"bytes": 0}, "MEDIA_OVER_LIMIT", "empty"),
        ({"bytes": -5}, "MEDIA_OVER_LIMIT", "empty"),
        ({"bytes": 1001}, "MEDIA_OVER_LIMIT", "1001 bytes, and may have 1000 at most"),
    ],
)
async def test_nothing_is_signed_beyond_the_limits(
    client: Client, few: Limit, asked: dict[str, Any], code: str, message: str
) -> None:
    given: dict[str, Any] = {"kind": "IMAGE", "type": "image/png", "bytes": 100} | asked
    told = await client.code(REQUEST, **given)
    assert told[0] == code
    assert message in told[1]
    assert await client.ask("{ myMedia { nodes { id } } }") == {"myMedia": {"nodes": []}}


async def test_what_is_begun_counts_until_it_is_given_up(client: Client, few: Limit) -> None:
    await client.form(size=600)
    assert "1500 bytes" in (await client.code(REQUEST, kind="IMAGE", type="image/png", bytes=901))[1]
    await client.form(size=600)
    assert "2 at most" in (await client.code(REQUEST, kind="IMAGE", type="image/png", bytes=1))[1]
    assert await client.form(size=600, scope=BOB)
    client.harness.clock.advance(AWAITED)
    assert await client.form(size=600)


async def test_a_user_has_so_many_begun_and_no_more(client: Client) -> None:
    for _ in range(20):
        await client.form(size=1)
    assert "20 uploads are begun" in (await client.code(REQUEST, kind="IMAGE", type="image/png", bytes=1))[1]
    assert await client.form("VIDEO", "video/mp4", 1)


async def test_the_limits_hold_again_when_it_arrives(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    forms = [await client.form() for _ in range(3)]
    monkeypatch.setitem(LIMITS, MediaKind.IMAGE, Limit(10_000, 2, 20_000, frozenset()))
    for each in forms:
        await client.post(each, picture())
    await client.harness.settle()
    seen = [await client.seen(each["mediaId"]) for each in forms]
    assert sorted(each["state"] for each in seen) == ["FAILED", "READY", "READY"]
    (reason,) = (each["reason"] for each in seen if each["reason"])
    assert reason == "There are 2 of its kind already, and there may be 2 at most."
    ready = next(each["id"] for each in seen if each["state"] == "READY")
    await client.ask(DELETE, id=ready)
    monkeypatch.setitem(LIMITS, MediaKind.IMAGE, Limit(10_000, 2, 20_000, frozenset({"image/png"})))
    form = await client.form(size=5000)
    await client.post(form, picture())
    await client.harness.settle()
    assert (await client.seen(form["mediaId"]))["state"] == "READY"


async def test_what_arrives_too_large_fails(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    form = await client.form()
    monkeypatch.setitem(LIMITS, MediaKind.IMAGE, Limit(50, 2, 20_000, frozenset()))
    await client.post(form, picture())
    await client.harness.settle()
    seen = await client.seen(form["mediaId"])
    assert seen["state"] == "FAILED"
    assert "may have 50 at most" in seen["reason"]
    assert client.objects("images") == []


async def test_what_failed_counts_no_longer(client: Client, few: Limit) -> None:
    for _ in range(3):
        form = await client.form(size=500)
        await client.post(form, b"no image")
        await client.harness.settle()
        assert (await client.seen(form["mediaId"]))["state"] == "FAILED"


async def test_tenants_are_apart(client: Client) -> None:
    id = await client.image(scope=user("alice", tenant="other"))
    assert (await client.code(FIND, id=id))[0] == "NOT_FOUND"
    assert {key.split("/")[1] for key in client.objects("images")} == {"other"}
