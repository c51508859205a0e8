"""Images and videos: uploaded straight into the buckets, shown by signed addresses, attached, deleted."""

import base64
import io
import os
import struct
import subprocess
import time
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from tests.e2e.steps.telling import equal, expect
from tests.e2e.steps.world import World
from thestack.toolchain import tools

REQUEST = """mutation ($kind: MediaKind!, $type: String!, $bytes: Int!) {
  requestUpload(kind: $kind, contentType: $type, bytes: $bytes) { mediaId url fields { name value } }
}"""
STATE = "query ($id: ID!) { media(id: $id) { state reason } }"
SHOWN = "__typename url renditions { name contentType width height url } ... on Video { duration playlist }"
MEDIA = f"query ($id: ID!) {{ media(id: $id) {{ id state size width height {SHOWN} }} }}"
LIST = "{ myMedia(first: 10) { nodes { __typename id } } }"
ATTACH = "mutation ($t: ID!, $m: ID!) { attachTodo(id: $t, mediaId: $m) { id } }"
DETACH = "mutation ($t: ID!) { detachTodo(id: $t) { attachment { id } } }"
JOINED = f"query ($t: ID!) {{ todo(id: $t) {{ title attachment {{ {SHOWN} }} }} }}"
DELETE = "mutation ($id: ID!) { deleteMedia(id: $id) { id } }"
ENDS = ("READY", "FAILED")
LAVFI = ("-f", "lavfi", "-i")


def image(world: World) -> None:
    """By its presigned POST; S3's word moves the state; three renditions are seen, without a location."""
    id = upload(world, "IMAGE", "image/jpeg", photo())
    world.notes["image"] = id
    shown = ended(world, id, "READY")
    equal((shown["width"], shown["height"]), (1600, 1200), "the picture's size")
    sizes = {each["name"]: (each["width"], each["height"]) for each in shown["renditions"]}
    equal(sizes, {"large": (1600, 1200), "medium": (1024, 768), "thumb": (256, 192)}, "the renditions")
    for each in shown["renditions"]:
        data = fetched(world, each["url"], each["name"])
        seen = Image.open(io.BytesIO(data))
        equal((seen.format, seen.size), ("WEBP", (each["width"], each["height"])), each["name"])
        equal(dict(seen.getexif()), {}, "what it says of the camera, and where it was")
    fetched(world, shown["url"], "the original")
    equal(status(world, shown["url"].partition("?")[0]), 403, "status without a signature")


def video(world: World) -> None:
    """The same, transcoded: MP4, a poster, and HLS whose segments are fetched by what the playlist names."""
    id = upload(world, "VIDEO", "video/mp4", clip(world.root))
    world.notes["video"] = id
    shown = ended(world, id, "READY")
    expect(1.5 < shown["duration"] < 2.5, f"a clip of 2 s has {shown['duration']} s")
    made = {each["name"]: each for each in shown["renditions"]}
    equal(sorted(made), ["large", "poster", "small"], "the renditions")
    equal(fetched(world, made["small"]["url"], "small")[4:8], b"ftyp", "how an MP4 file begins")
    equal(fetched(world, made["poster"]["url"], "poster")[:2], b"\xff\xd8", "how a JPEG file begins")
    variants = [line for line in shown["playlist"].splitlines() if line.startswith("data:")]
    equal(len(variants), 2, "variants in the playlist")
    text = base64.b64decode(variants[0].partition(",")[2]).decode()
    segment = next(line for line in text.splitlines() if line and not line.startswith("#"))
    equal(fetched(world, segment, "a segment")[:1], b"\x47", "how an MPEG transport stream begins")
    nodes = world.ask("alice", LIST).data["myMedia"]["nodes"]
    wanted = [("Video", id), ("Image", world.notes["image"])]
    equal([(each["__typename"], each["id"]) for each in nodes], wanted, "alice's uploads, latest first")


def attach(world: World) -> None:
    """One query joins the todo with what media shows of the attachment, whichever kind it is."""
    todo = world.notes["todos"][1]
    for note, kind in (("video", "Video"), ("image", "Image")):
        attached(world, "alice", todo, note)
        attachment = world.ask("alice", JOINED, t=todo).data["todo"]["attachment"]
        equal(attachment["__typename"], kind, "the attachment's type")
        equal(len(attachment["renditions"]), 3, "its renditions")
        fetched(world, attachment["url"], "the attachment")
    bobs = world.notes["bobs"]
    attached(world, "bob", bobs, "image")
    equal(world.ask("bob", JOINED, t=bobs).data["todo"]["attachment"], None, "what bob sees of alice's image")
    equal(world.ask("bob", MEDIA, id=world.notes["image"]).codes, ["NOT_FOUND"], "code of asking for it")
    equal(world.ask("bob", DELETE, id=world.notes["image"]).codes, ["NOT_FOUND"], "code of deleting it")


def refuse(world: World) -> None:
    """A wrong type and too many bytes are not even signed; the form takes no more; the bytes decide."""
    asked = world.ask("alice", REQUEST, kind="IMAGE", type="image/svg+xml", bytes=10)
    equal(asked.codes, ["MEDIA_TYPE_REFUSED"], "code of a wrong type")
    asked = world.ask("alice", REQUEST, kind="IMAGE", type="image/png", bytes=20_000_001)
    equal(asked.codes, ["MEDIA_OVER_LIMIT"], "code of too many bytes")
    small = world.ask("alice", REQUEST, kind="IMAGE", type="image/png", bytes=100).data["requestUpload"]
    equal(post(world, small, bytes(101)), (400, "EntityTooLarge"), "S3's answer to one byte more")
    fields = [each for each in small["fields"] if each["name"] != "Content-Type"]
    changed = {**small, "fields": [*fields, {"name": "Content-Type", "value": "text/html"}]}
    equal(post(world, changed, b"<html>"), (403, "AccessDenied"), "S3's answer to another type")
    for data, reason in ((bomb(), "pixels"), (b"<html></html>", "image"), (photo()[:5000], "ends before")):
        type = "image/jpeg" if data[:2] == b"\xff\xd8" else "image/png"
        told = ended(world, upload(world, "IMAGE", type, data), "FAILED")
        expect(reason in told["reason"], f"the reason is {told['reason']!r}")
    told = ended(world, upload(world, "VIDEO", "video/mp4", b"#EXTM3U\nhttp://169.254.169.254/\n"), "FAILED")
    expect(bool(told["reason"]), "a playlist that was called a video failed without a reason")
    equal(world.command("dlq", "list"), [], "dead letters of all consumers")


def delete(world: World) -> None:
    """Rows, objects and renditions go, and the todo is without it; the other is detached by hand."""
    todo = world.notes["todos"][1]
    shown = world.ask("alice", MEDIA, id=world.notes["image"]).data["media"]
    gone = world.ask("alice", DELETE, id=shown["id"]).data["deleteMedia"]
    equal(gone["id"], shown["id"], "what was deleted")
    equal(world.ask("alice", MEDIA, id=world.notes["image"]).codes, ["NOT_FOUND"], "code of asking for it")
    detached = "query ($t: ID!) { todo(id: $t) { attachment { id } } }"
    world.eventually(
        "the todo without it", lambda: world.ask("alice", detached, t=todo).data["todo"]["attachment"] is None
    )
    for url in (shown["url"], *(each["url"] for each in shown["renditions"])):
        world.eventually("its objects to go", lambda url=url: status(world, url) == 404)  # type: ignore[misc]
    attached(world, "alice", todo, "video")
    equal(world.ask("alice", DETACH, t=todo).data["detachTodo"]["attachment"], None, "what is attached")


def attached(world: World, who: str, todo: str, note: str) -> None:
    answer = world.ask(who, ATTACH, t=todo, m=world.notes[note]).data
    equal(answer["attachTodo"]["id"], todo, "the todo")


def upload(world: World, kind: str, type: str, data: bytes) -> str:
    """The id of an upload that S3 took."""
    form = world.ask("alice", REQUEST, kind=kind, type=type, bytes=len(data)).data["requestUpload"]
    equal(post(world, form, data), (204, ""), "S3's answer")
    return str(form["mediaId"])


def post(world: World, form: dict[str, Any], data: bytes) -> tuple[int, str]:
    """Post a form as a browser does; answers S3's status, and its code of a refusal."""
    began = time.perf_counter()
    fields = {each["name"]: each["value"] for each in form["fields"]}
    answer = world.http.post(form["url"], data=fields, files={"file": ("file", data)})
    code = answer.text.partition("<Code>")[2].partition("</Code>")[0]
    world.story.current.tell(f"POST {form['url']} ({len(data)} bytes)", f"{answer.status_code} {code}", began)
    return answer.status_code, code


def ended(world: World, id: str, state: str) -> dict[str, Any]:
    """What is shown of an upload, once its state is an end, which must be this one."""

    def look() -> dict[str, Any] | None:
        answer = world.http.post(
            world.stack.graphql,
            json={"query": STATE, "variables": {"id": id}},
            headers={"authorization": f"Bearer {world.people['alice'].access_token}"},
        )
        found: dict[str, Any] = answer.json()["data"]["media"]
        return found if found["state"] in ENDS else None

    found = world.eventually("its state to be an end", look, 60)
    equal(found["state"], state, f"state, with the reason {found['reason']}")
    return world.ask("alice", MEDIA, id=id).data["media"] if state == "READY" else found


def fetched(world: World, url: str, what: str) -> bytes:
    """The bytes that a signed address answers, to nobody in particular."""
    began = time.perf_counter()
    answer = world.http.get(url)
    equal(answer.status_code, 200, f"status of {what}")
    type, size = answer.headers["content-type"], len(answer.content)
    world.story.current.tell(f"GET {what}, by its address alone", f"200 {type}, {size} bytes", began)
    return answer.content


def status(world: World, url: str) -> int:
    return world.http.get(url).status_code


def photo() -> bytes:
    """A JPEG picture of 1600 by 1200 pixels that says where it was taken."""
    picture, file = Image.linear_gradient("L").resize((1600, 1200)).convert("RGB"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    picture.save(file, "JPEG", exif=exif, quality=90)
    return file.getvalue()


def bomb() -> bytes:
    """A PNG file of some hundred bytes that claims to be 30,000 pixels wide and as high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def clip(root: Path) -> bytes:
    """An MP4 file of two seconds, with sound."""
    found = tools.find(root)
    expect(found is not None, "the local stack is not installed")
    path = f"{found.ffmpeg}{os.pathsep}{os.environ['PATH']}" if found else ""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "clip.mp4"
        command = [
            "ffmpeg",
            "-loglevel",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=duration=2:size=320x240:rate=15",
        ]
        command += [*LAVFI, "sine=duration=2", "-c:v", "libx264", "-preset", "ultrafast"]
        command += ["-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(file)]
        subprocess.run(command, check=True, env={**os.environ, "PATH": path})
        return file.read_bytes()
