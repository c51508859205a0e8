"""Videos: from the form to what a transcoder made of them, or to a reason, whatever order its events have."""

import base64
from dataclasses import replace
from itertools import permutations

import pytest

from services.media.tests.uploads import DELETE, Client
from services.media.transcoding import Refused, Work
from thestack.testing import BlobRefused

PLAYLIST = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nvideo-small.m3u8\n"
VARIANT = "#EXTM3U\n#EXTINF:4.0,\nvideo-small_00000.ts\n#EXT-X-ENDLIST\n"


@pytest.fixture
def client() -> Client:
    return Client()


async def test_a_video_is_worked_on_and_ready_with_what_was_made(client: Client) -> None:
    id = await client.video()
    assert (await client.seen(id))["state"] == "PROCESSING"
    job = client.job(id)
    work = client.transcoder.started[job]
    bucket = client.running.buckets["videos"].bucket
    assert (work.media_id, work.owner_id, work.tenant) == (id, "alice", "main")
    assert work.source == f"s3://{bucket}/originals/main/alice/{id}"
    assert work.destination == f"s3://{bucket}/renditions/main/alice/{id}/"
    await client.tell(client.transcoder.completed(job, width=1920, height=1080, duration=12.5))
    seen = await client.seen(id)
    assert (seen["__typename"], seen["state"], seen["duration"]) == ("Video", "READY", 12.5)
    assert (seen["width"], seen["height"]) == (1280, 720)
    assert (await client.harness.download(seen["url"])).data == b"video"
    made = {each["name"]: (each["contentType"], each["width"]) for each in seen["renditions"]}
    assert made == {
        "small": ("video/mp4", 640),
        "large": ("video/mp4", 1280),
        "poster": ("image/jpeg", 1280),
    }
    assert client.heard() == ["Object Created", "media/transcoding", "MediaConvert Job State Change"]


async def test_a_playlist_stands_alone(client: Client) -> None:
    id = await client.video()
    await client.tell(client.transcoder.completed(client.job(id)))
    videos, folder = client.running.buckets["videos"], f"renditions/main/alice/{id}/hls"
    await videos.put(f"{folder}/video.m3u8", PLAYLIST.encode(), content_type="text/plain")
    await videos.put(f"{folder}/video-small.m3u8", VARIANT.encode(), content_type="text/plain")
    await videos.put(f"{folder}/video-small_00000.ts", b"segment", content_type="video/mp2t")
    asked = "query ($id: ID!) { media(id: $id) { ... on Video { playlist } } }"
    playlist = (await client.ask(asked, id=id))["media"]["playlist"]
    (variant,) = [line for line in playlist.splitlines() if line.startswith("data:")]
    text = base64.b64decode(variant.partition(",")[2]).decode()
    (segment,) = [line for line in text.splitlines() if not line.startswith("#")]
    assert (await client.harness.download(segment)).data == b"segment"


async def test_progress_goes_forward_only(client: Client) -> None:
    id = await client.video()
    job = client.job(id)
    for percent, expected in ((10, 10), (60, 60), (30, 60)):
        await client.tell(client.transcoder.progressed(job, percent))
        seen = await client.seen(id)
        assert (seen["state"], seen["progress"]) == ("PROCESSING", expected)


@pytest.mark.parametrize("order", list(permutations(["progressed", "completed", "late"])))
async def test_the_end_is_the_end_in_whatever_order_it_is_told(
    client: Client, order: tuple[str, ...]
) -> None:
    id = await client.video()
    job = client.job(id)
    told = {
        "progressed": client.transcoder.progressed(job, 50),
        "completed": client.transcoder.completed(job),
        "late": client.transcoder.progressed(job, 99),
    }
    said = await client.tell(*(told[name] for name in (*order, *order)))
    seen = await client.seen(id)
    assert (seen["state"], seen["progress"]) == ("READY", 100)
    assert said == ["media.ready"]


@pytest.mark.parametrize(
    ("end", "reason"),
    [("failed", "The file is no video that can be read."), ("canceled", "Its processing was canceled.")],
)
async def test_a_job_that_ends_badly_fails_with_the_reason(client: Client, end: str, reason: str) -> None:
    id = await client.video()
    said = await client.tell(getattr(client.transcoder, end)(client.job(id)))
    seen = await client.seen(id)
    assert (seen["state"], seen["reason"], seen["url"]) == ("FAILED", reason, None)
    assert said == ["media.failed", "media/cleaning"]
    assert client.objects("videos") == []
    await client.tell(client.transcoder.completed(client.job(id)))
    assert (await client.seen(id))["state"] == "FAILED"


async def test_operators_read_why_a_job_failed_and_users_do_not(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    id = await client.video()
    told = "Access denied for arn:aws:iam::111122223333:role/media"
    await client.tell(client.transcoder.failed(client.job(id), 1401, told))
    assert (await client.seen(id))["reason"] == "The video could not be processed."
    assert [each.getMessage() for each in caplog.records if "1401" in each.getMessage()] == [
        f"the transcoding of {id} failed: 1401: {told}"
    ]


async def test_what_the_transcoder_refuses_fails_at_once(client: Client) -> None:
    async def refuse(work: Work) -> str:
        raise Refused("The file is no video that can be read.")

    client.transcoder.start = refuse  # type: ignore[method-assign]
    id = await client.video(b"GIF89a")
    seen = await client.seen(id)
    assert (seen["state"], seen["reason"]) == ("FAILED", "The file is no video that can be read.")
    assert client.harness.dead_letters == []
    assert client.objects("videos") == []


async def test_a_job_that_ends_after_its_video_was_deleted_leaves_nothing(client: Client) -> None:
    id = await client.video()
    await client.ask(DELETE, id=id)
    await client.harness.settle()
    made = f"renditions/main/alice/{id}/mp4/video-small.mp4"
    await client.running.buckets["videos"].put(made, b"late", content_type="video/mp4")
    assert await client.tell(client.transcoder.completed(client.job(id))) == []
    assert client.objects("videos") == []


async def test_work_that_is_asked_for_twice_is_one_job(client: Client) -> None:
    await client.video()
    asked = next(each for each in client.harness.attempts if each.consumer == "media.transcode")
    await client.harness.deliver(replace(asked.envelope, id="again"))
    assert len(client.transcoder.started) == 1


async def test_a_video_may_be_larger_than_an_image(client: Client) -> None:
    assert await client.form("VIDEO", "video/mp4", 1_000_000_000)
    form = await client.form("VIDEO", "video/mp4", 4)
    with pytest.raises(BlobRefused, match="EntityTooLarge"):
        await client.post(form, b"video")
