"""A real video goes the whole way on the local stack: uploaded, transcoded, watched, deleted."""

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Client, eventually
from thestack.toolchain import tools

ROOT = Path(__file__).parents[2]
REQUEST = """mutation ($type: String!, $bytes: Int!) {
  requestUpload(kind: VIDEO, contentType: $type, bytes: $bytes) { mediaId url fields { name value } }
}"""
MEDIA = """query ($id: ID!) { media(id: $id) {
  state reason width height url renditions { name contentType width height url }
  ... on Video { duration progress playlist }
} }"""
DELETE = "mutation ($id: ID!) { deleteMedia(id: $id) { state } }"
SECONDS = 120


@pytest.fixture(scope="module")
def programs() -> Path:
    found = tools.find(ROOT)
    assert found, "the local stack is not installed in .stack; run: make setup"
    return found.ffmpeg


@pytest.fixture(scope="module")
def filmed(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A phone's video: lying on its side, with sound and a place, nine seconds long."""
    folder = tmp_path_factory.mktemp("video")
    inputs = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=15", "-f", "lavfi", "-i", "sine")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", "9")
    flat, turned = folder / "flat.mp4", folder / "turned.mov"
    run(programs / "ffmpeg", *inputs, *coded, flat)
    place = ("-metadata", "location=+47.3769+008.5417/", "-movflags", "use_metadata_tags")
    run(programs / "ffmpeg", "-display_rotation", "90", "-i", flat, "-c", "copy", *place, turned)
    data = turned.read_bytes()
    assert b"+47.3769" in data
    return data


def run(program: Path, *arguments: Any) -> str:
    command = [str(program), "-loglevel", "error", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.fixture
def visitor() -> Iterator[httpx.Client]:
    """Somebody who has nothing but addresses."""
    with httpx.Client(trust_env=False, timeout=30) as http:
        yield http


def upload(client: Client, visitor: httpx.Client, data: bytes, type: str = "video/quicktime") -> str:
    form = client.ask(REQUEST, type=type, bytes=len(data))["data"]["requestUpload"]
    fields = {each["name"]: each["value"] for each in form["fields"]}
    posted = visitor.post(form["url"], data=fields, files={"file": ("video", data, type)})
    assert posted.status_code in {200, 201, 204}, posted.text
    return str(form["mediaId"])


def ended(client: Client, id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client.ask(MEDIA, id=id)["data"]["media"]
        return found if found["state"] in {"READY", "FAILED"} else None

    return eventually(look, within=SECONDS, what="the end of the video's processing")


def test_a_phones_video_is_watched_upright_by_signed_addresses_and_deleted(
    alice: Client, bob: Client, visitor: httpx.Client, filmed: bytes, programs: Path, tmp_path: Path
) -> None:
    id = upload(alice, visitor, filmed)
    video = ended(alice, id)
    assert (video["state"], video["reason"]) == ("READY", None)
    assert (video["width"], video["height"]) == (360, 640)
    assert abs(video["duration"] - 9) < 0.3
    assert visitor.get(video["url"]).content == filmed
    made = {each["name"]: each for each in video["renditions"]}
    assert set(made) == {"small", "large", "poster"}
    for name in ("small", "large"):
        file = tmp_path / f"{name}.mp4"
        file.write_bytes(visitor.get(made[name]["url"]).content)
        asked = ("-show_entries", "stream=codec_name,pix_fmt,width,height", "-of", "csv=p=0")
        assert run(programs / "ffprobe", *asked, file).split() == ["h264,360,640,yuv420p", "aac"]
        data = file.read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")
        assert b"+47.3769" not in data
    assert visitor.get(made["poster"]["url"]).content.startswith(b"\xff\xd8")
    segments = pieces(video["playlist"])
    assert len(segments) == 6
    for number, address in enumerate(segments):
        file = tmp_path / f"{number}.ts"
        file.write_bytes(visitor.get(address).content)
        run(programs / "ffmpeg", "-xerror", "-i", file, "-f", "null", "-")
    assert visitor.get(segments[0].partition("?")[0]).status_code == 403
    played = tmp_path / "played.m3u8"
    played.write_text(video["playlist"])
    opened = ("-protocol_whitelist", "file,data,http,tcp", "-i", played)
    run(programs / "ffmpeg", *opened, "-map", "0:v", "-map", "0:a", "-f", "null", "-")
    assert bob.ask(MEDIA, id=id)["data"]["media"] is None
    alice.ask(DELETE, id=id)
    for address in (made["small"]["url"], segments[0], video["url"]):
        eventually(lambda address=address: visitor.get(address).status_code == 404, what="its end")


def pieces(playlist: str) -> list[str]:
    """The segments' addresses in all variants that stand in a playlist."""
    found: list[str] = []
    for line in playlist.splitlines():
        if line.startswith("data:"):
            text = base64.b64decode(line.partition(",")[2]).decode()
            found += [each for each in text.splitlines() if each and not each.startswith("#")]
    return found


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "The file is no video that can be read."),
        (
            b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(100),
            "The file is no video that can be read.",
        ),
    ],
    ids=["a playlist", "a head alone"],
)
def test_what_is_no_video_fails_with_a_reason_and_lies_in_no_dlq(
    data: bytes, reason: str, alice: Client, visitor: httpx.Client
) -> None:
    id = upload(alice, visitor, data, "video/mp4")
    video = ended(alice, id)
    assert (video["state"], video["reason"]) == ("FAILED", reason)
